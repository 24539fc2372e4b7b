import { createClient } from '../contract/client.ts';
import { findBrowser } from './browser.ts';
import { createDevice, type Device } from './devices/device.ts';
import { createDevicePool } from './devices/device-pool.ts';
import { openLedger } from './devices/ledger.ts';
import { createEquipment, type Equipment } from './equipment.ts';
import { childEnvironment } from './executors/environment.ts';
import { defaultLimits } from './executors/executor.ts';
import type { JobDeps } from './job/job.ts';
import { type HeartbeatDeps, keepBeating, lastBeat } from './lease/heartbeat.ts';
import { createHeldLeases } from './lease/held-leases.ts';
import { agentMarker } from './processes/marks.ts';
import { findNamespaces } from './processes/pid-namespace.ts';
import { createStartRunner } from './processes/runner-process.ts';
import { register } from './registration.ts';
import type { AgentSettings, DeviceSettings, RunningAgent } from './settings.ts';
import { openWorkDir, type WorkDir } from './work-dir.ts';
import { work } from './worker.ts';
import { createSharing } from './workspace/share.ts';

/**
 * Starts an agent beside its devices and resolves once it is registered.
 * @throws Error when a setting cannot be used or another agent has the work folder; ProblemError when the server does not
 * admit it; UnreachableError when the server cannot be reached for `connectTimeoutMs`
 */
export async function startAgent(settings: AgentSettings): Promise<RunningAgent> {
  const workDir = await openWorkDir(settings.workDir);
  try {
    return await start(settings, workDir);
  } catch (error) {
    await workDir.release();
    throw error;
  }
}

async function start(settings: AgentSettings, workDir: WorkDir): Promise<RunningAgent> {
  const { log, serverUrl, apiKey } = settings;
  const client = createClient({ serverUrl, apiKey, userAgent: 'qgjob-agent' });
  const leaving = new AbortController();
  const sharing = createSharing();
  const browser = (signal: AbortSignal) =>
    sharing.join('browser', signal, () =>
      findBrowser({ explicit: settings.chromium, cacheDir: workDir.cache.browser }),
    );
  // unpacking one takes seconds: it begins while the agent registers, and is never left half-way
  const found = browser(new AbortController().signal).then((path) => {
    if (!path)
      log({ level: 'warn', message: 'No browser was found: only projects whose own Playwright has one can run' });
  });
  if (settings.chromium) await found;
  found.catch((error) => log({ level: 'warn', message: `The browser cannot be used: ${error.message}` }));
  const env = { ...settings.testEnvironment, [agentMarker]: workDir.mark };
  const namespaces = settings.pidNamespaces === false ? null : await findNamespaces();
  if (!namespaces) log({ level: 'info', message: 'Runners are held by process groups, not by PID namespaces' });
  const startRunner = createStartRunner(namespaces);
  const equipment = createEquipment({ client, sharing, workDir, settings, browser, startRunner, testEnvironment: env });
  const equip = async (device: DeviceSettings) => {
    const ledger = await openLedger(`${workDir.deviceDir(device.id)}/ledger.json`);
    return createDevice(device, await equipment.equip(device), ledger);
  };
  const devices = await equipAll(equipment, settings.devices, equip);
  // what watches for devices comes before the server hears of any: an agent that cannot start is never given a job
  const { sources, registration } = await sourcesAndRegistration().catch(async (error) => {
    await close(devices, equipment);
    throw error;
  });

  async function sourcesAndRegistration() {
    const sources = await equipment.sources();
    const withinMs = settings.connectTimeoutMs ?? 60_000;
    const registration = await register(client, settings, { withinMs, signal: leaving.signal, log });
    return { sources, registration };
  }

  const leases = createHeldLeases();

  let pausing = new AbortController();
  const heart = new AbortController();
  const jobDeps: Omit<JobDeps, 'jobsDir'> = {
    client,
    workspace: {
      client,
      sharing,
      bundlesDir: workDir.cache.bundles,
      dependenciesDir: workDir.cache.dependencies,
      projectDir: settings.projectDir ?? process.cwd(),
      startRunner,
      env: childEnvironment({ [agentMarker]: workDir.mark }),
    },
    temporaryDir: workDir.temporaryDir,
    limits: { ...defaultLimits, ...settings.limits },
    secrets: [apiKey, ...cloudSecrets(settings)],
    log,
  };
  const pool = createDevicePool({
    leases,
    log,
    leaving: leaving.signal,
    equip,
    announce: registration.announce,
    work: (device, deviceLeaving) =>
      work({
        ...jobDeps,
        jobsDir: workDir.jobsDir(device.settings.id),
        registration,
        leases,
        device,
        pausing: () => pausing.signal,
        leaving: deviceLeaving,
        onDrain: () => leaving.abort(),
      }),
  });
  for (const device of devices) pool.add(device);
  for (const source of sources) pool.follow(source);
  const beating: HeartbeatDeps = {
    client,
    registration,
    devices: pool.told,
    leases,
    log,
    signal: heart.signal,
    onCommand(command) {
      if (command === 'drain') leaving.abort();
      if (command === 'pause') pausing.abort();
      else if (pausing.signal.aborted) pausing = new AbortController();
    },
  };
  log({ level: 'info', message: 'The agent is registered', agent_id: registration.agentId(), devices: devices.length });

  const finished = untilEnd(keepBeating(beating));
  finished.catch(() => undefined); // for its owner to hear of, not for the process to die of

  /** Whichever part fails takes the agent down; the heart beats as long as any device works. */
  async function untilEnd(heartbeats: Promise<void>): Promise<void> {
    try {
      await Promise.race([pool.finished, heartbeats]);
    } finally {
      leaving.abort();
      await pool.settled();
      heart.abort();
      await Promise.allSettled([heartbeats, found]);
      await lastBeat(beating);
      await close(pool.devices(), equipment);
      await workDir.release();
      log({ level: 'info', message: 'The agent has ended' });
    }
  }

  return {
    get agentId() {
      return registration.agentId();
    },
    finished,
    drain() {
      leaving.abort();
      return finished;
    },
    stop() {
      leaving.abort();
      for (const held of leases.all()) held.stop();
      return finished;
    },
  };
}

async function equipAll(
  equipment: Equipment,
  settings: readonly DeviceSettings[],
  equip: (settings: DeviceSettings) => Promise<Device>,
): Promise<Device[]> {
  const devices: Device[] = [];
  try {
    for (const device of settings) devices.push(await equip(device));
    return devices;
  } catch (error) {
    await close(devices, equipment);
    throw error;
  }
}

async function close(devices: readonly Device[], equipment: Equipment): Promise<void> {
  for (const device of devices) await device.platform.close();
  await equipment.close();
}

/** A cloud's key, and the form it has in headers. */
function cloudSecrets({ browserstack }: AgentSettings): string[] {
  if (!browserstack) return [];
  const { username, accessKey } = browserstack;
  return [accessKey, Buffer.from(`${username}:${accessKey}`).toString('base64')];
}
