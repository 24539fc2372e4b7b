import type { DeviceReport } from '../../contract/agent.ts';
import type { HeldLeases } from '../lease/held-leases.ts';
import type { DeviceSettings, Log } from '../settings.ts';
import type { Device } from './device.ts';
import type { DeviceSource, Presence, SeenDevice } from './discovery/device-source.ts';

export interface DevicePoolDeps {
  equip(settings: DeviceSettings): Promise<Device>;
  /** Tells the server of a device it does not know yet, or describes it anew. */
  announce(settings: DeviceSettings, signal: AbortSignal): Promise<void>;
  /** Works for a device until the signal aborts; the running job is finished even then. */
  work(device: Device, leaving: AbortSignal): Promise<void>;
  leases: HeldLeases;
  /** The agent leaves. */
  leaving: AbortSignal;
  log: Log;
}

/** The devices beside the agent, while they come and go. */
export interface DevicePool {
  /** What to say now of every device that the server was told of. */
  told(): DeviceReport[];
  /** Every device that was ever ready for work. */
  devices(): Device[];
  /** Has a device that is always there work from now on. */
  add(device: Device): void;
  /** Takes in what a source sees, until the agent leaves. */
  follow(source: DeviceSource): void;
  /** Resolves once the agent leaves and nothing works any more; rejects as soon as a device's work cannot go on. */
  finished: Promise<void>;
  /** Resolves once nothing works any more, however that ended. Only after the agent has begun to leave. */
  settled(): Promise<void>;
}

interface Member {
  settings: DeviceSettings;
  /** Null until it was ready for the first time. */
  device: Device | null;
  /** Null: it belongs to no source, and stays. */
  source: string | null;
  presence: Presence;
  /** Aborts when it shall take nothing more. */
  stopping: AbortController;
  working: Promise<void>;
}

export function createDevicePool(deps: DevicePoolDeps): DevicePool {
  const { leases, leaving, log } = deps;
  const members = new Map<string, Member>();
  const broken = Promise.withResolvers<never>();
  const following: Promise<void>[] = [];
  let settling: Promise<void> = Promise.resolve();

  function start(member: Member, device: Device): void {
    const stopping = new AbortController();
    member.device = device;
    member.presence = { state: 'ready' };
    member.stopping = stopping;
    // a device that comes back waits until the work it lost is cleared away
    member.working = member.working
      .then(() => deps.work(device, AbortSignal.any([leaving, stopping.signal])))
      .catch(broken.reject);
  }

  function stop(member: Member, presence: Exclude<Presence, { state: 'ready' }>): void {
    const { id } = member.settings;
    const known = member.presence;
    if (known.state === presence.state && known.why === presence.why) return;
    const what = member.device ? `The device is ${presence.state}` : 'A device cannot be used';
    log({ level: 'warn', message: `${what}: ${presence.why}`, device: id });
    member.presence = presence;
    member.stopping.abort();
    if (presence.state !== 'gone') return;
    for (const held of leases.all()) if (held.deviceId === id) held.stop(`The device has gone: ${presence.why}`);
  }

  /** Only what the server knows of is reported to it. */
  async function introduce(source: string, settings: DeviceSettings): Promise<Member> {
    await deps.announce(settings, leaving);
    const known = members.get(settings.id);
    if (known) {
      known.settings = settings;
      return known;
    }
    const member = unseen(settings, source);
    members.set(settings.id, member);
    return member;
  }

  async function admit(source: string, settings: DeviceSettings): Promise<void> {
    const device = await deps.equip(settings).catch((error: Error) => error);
    if (device instanceof Error)
      return stop(await introduce(source, settings), { state: 'unfit', why: device.message });
    const member = await introduce(source, settings).catch(async (error) => {
      await device.platform.close();
      throw error;
    });
    log({ level: 'info', message: 'A device has appeared', device: settings.id });
    start(member, device);
  }

  async function take(source: string, seen: readonly SeenDevice[]): Promise<void> {
    const present = new Set(seen.map(({ settings }) => settings.id));
    for (const [id, member] of members)
      if (member.source === source && !present.has(id)) stop(member, { state: 'gone', why: 'it is no longer there.' });
    for (const { settings, presence } of seen) {
      if (leaving.aborted) return;
      const member = members.get(settings.id);
      if (member && member.source !== source) continue; // listed in the settings: that is who speaks for it
      await see(source, settings, presence, member).catch((error) => {
        if (!leaving.aborted)
          log({ level: 'warn', message: `A device cannot be told of: ${error.message}`, device: settings.id });
      });
    }
  }

  async function see(source: string, settings: DeviceSettings, presence: Presence, member?: Member): Promise<void> {
    if (presence.state !== 'ready') return stop(member ?? (await introduce(source, settings)), presence);
    if (!member?.device) return admit(source, settings);
    if (member.presence.state === 'ready') return;
    log({ level: 'info', message: 'The device is back', device: settings.id });
    start(member, member.device);
  }

  return {
    told: () => [...members.values()].map(reportOf),
    devices: () => [...members.values()].flatMap(({ device }) => device ?? []),
    add(device) {
      const member = unseen(device.settings, null);
      members.set(device.settings.id, member);
      start(member, device);
    },
    follow(source) {
      // one after the other: what is told last is what counts in the end
      const tell = (seen: readonly SeenDevice[]) => {
        settling = settling.then(() => take(source.name, seen)).catch(broken.reject);
      };
      following.push(source.watch(tell, leaving));
    },
    finished: Promise.race([untilLeft(), broken.promise]),
    settled,
  };

  async function untilLeft(): Promise<void> {
    if (!leaving.aborted) await new Promise((resolve) => leaving.addEventListener('abort', resolve, { once: true }));
    await settled();
  }

  async function settled(): Promise<void> {
    await Promise.all(following);
    await settling;
    await Promise.all([...members.values()].map(({ working }) => working));
  }
}

function unseen(settings: DeviceSettings, source: string | null): Member {
  const presence: Presence = { state: 'ready' };
  return {
    settings,
    device: null,
    source,
    presence,
    stopping: new AbortController(),
    working: Promise.resolve(),
  };
}

/** The longest reason that the server takes; it shows less. */
const maxReasonLength = 1024;

function reportOf({ settings: { id }, device, presence }: Member): DeviceReport {
  const installed = device?.ledger.installed() ?? null;
  if (presence.state === 'ready') return { id, state: device?.state() ?? 'offline', installed };
  const state = presence.state === 'gone' ? 'offline' : 'unhealthy';
  return { id, state, reason: presence.why.slice(0, maxReasonLength), installed };
}
