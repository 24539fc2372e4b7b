import type { Claim, LeasedJob } from '../contract/agent.ts';
import { ProblemError } from '../contract/client.ts';
import { type Device, ensureInstalled } from './devices/device.ts';
import { type JobDeps, runJob } from './job/job.ts';
import type { HeldLease, HeldLeases } from './lease/held-leases.ts';
import { createLeaseCalls, type LeaseCalls } from './lease/lease-calls.ts';
import { backoffMs, pause } from './pause.ts';
import { isNotAdmitted, type Registration } from './registration.ts';
import { whyEnded } from './work-ended.ts';

/** The longest a claim waits for work. */
const waitSeconds = 50;

export interface WorkerDeps extends JobDeps {
  registration: Registration;
  leases: HeldLeases;
  device: Device;
  /** Aborted while the operator pauses this agent: no new work then. A new one each time it goes on. */
  pausing: () => AbortSignal;
  /** Aborts when the agent leaves: the running job is finished, nothing else begun. */
  leaving: AbortSignal;
  /** The operator drains this agent. */
  onDrain: () => void;
}

/**
 * Works for one device until the agent leaves: claims a group's jobs, runs one after the other, gives back what is left.
 * @throws ProblemError when the server no longer admits this agent
 */
export async function work(deps: WorkerDeps): Promise<void> {
  const { leaving, pausing } = deps;
  let failures = 0;
  while (!leaving.aborted) {
    if (pausing().aborted) {
      await pause(1000, leaving);
      continue;
    }
    try {
      await claimAndWork(deps);
      failures = 0;
    } catch (error) {
      if (leaving.aborted) break;
      await answerTo(error, deps).catch((worse) => {
        if (!leaving.aborted) throw worse;
      });
      await pause(backoffMs(++failures), leaving);
    }
  }
}

async function answerTo(error: unknown, { registration, onDrain, log, device }: WorkerDeps): Promise<void> {
  if (!(error instanceof ProblemError)) {
    return log({ level: 'warn', message: (error as Error).message, device: device.settings.id });
  }
  if (error.code === 'not_found') return registration.renew(registration.agentId());
  if (error.code === 'agent_draining') return onDrain();
  if (isNotAdmitted(error)) throw error;
  log({ level: 'warn', message: error.message, device: device.settings.id });
}

async function claimAndWork(deps: WorkerDeps): Promise<void> {
  const { leaving } = deps;
  const sentAtMs = performance.now();
  const claim = await askForWork(deps);
  if (claim) await workLease(deps, claim, sentAtMs);
  // a server that does not wait is not asked without a break
  else if (performance.now() - sentAtMs < 1000) await pause(1000, leaving);
}

async function askForWork({ client, registration, device, leaving, pausing }: WorkerDeps): Promise<Claim | null> {
  const params = { id: registration.agentId() };
  // one job at a time: further ones come with each result, and other devices may take what waits
  const body = { device_id: device.settings.id, max_jobs: 1 };
  // a claim that began before a pause would not hear of its end
  const signal = AbortSignal.any([leaving, pausing()]);
  try {
    return (await client.claim({ params, body: { ...body, wait_seconds: waitSeconds } }, { signal })).body;
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!leaving.aborted) return null;
    // the claim may have been granted just as it was dropped: asking again ends such a lease
    return (await client.claim({ params, body: { ...body, wait_seconds: 0 } }, { timeoutMs: 5000 })).body;
  }
}

async function workLease(deps: WorkerDeps, claim: Claim, sentAtMs: number): Promise<void> {
  const { client, device, leases, log } = deps;
  const held = leases.hold(claim, device.settings.id, sentAtMs);
  const { lease } = claim;
  const calls = createLeaseCalls({ client, lease, signal: held.signal, lost: held.lose });
  device.setBusy(true);
  try {
    await drainGroup(deps, claim, held, calls);
    await calls.release(deps.leaving.aborted ? 'The agent leaves.' : 'The group is drained.');
  } catch (error) {
    log({ level: 'warn', message: `The work ended early: ${(error as Error).message}`, lease_id: lease.id });
    if (whyEnded(held.signal) !== 'lease_lost') await calls.release((error as Error).message.slice(0, 1024));
    if (error instanceof ProblemError) throw error;
  } finally {
    held.close();
    device.setBusy(false);
  }
}

async function drainGroup(deps: WorkerDeps, claim: Claim, held: HeldLease, calls: LeaseCalls): Promise<void> {
  const { device, leaving } = deps;
  const waiting = [...claim.jobs];
  const install = installOnce(device, claim, calls);
  const next = () => (leaving.aborted || deps.pausing().aborted ? 0 : 1);
  for (let job = waiting.shift(); job && !leaving.aborted; job = waiting.shift())
    waiting.push(...(await runJob(deps, { job, claim, held, calls, device, install, next })));
}

/** The app is installed for the lease's first job, and again for each that asks for it or finds another build. */
function installOnce(device: Device, claim: Claim, calls: LeaseCalls) {
  let done = false;
  return async (job: LeasedJob, signal: AbortSignal) => {
    const anew = job.reset === 'reinstall';
    if (done && !anew && (await device.platform.confirms(claim.app_version))) return;
    done = false;
    await ensureInstalled(device, claim, calls, signal, { anew });
    done = true;
  };
}
