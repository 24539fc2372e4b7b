import type { DeviceState } from '../contract/words.ts';
import type { Device } from './device.ts';
import type { DeviceSource, Presence, SeenDevice } from './devices/discovery/device-source.ts';
import type { HeldLeases } from './held-leases.ts';
import type { DeviceSettings, Log } from './settings.ts';

export interface DevicePoolDeps {
  equip(settings: DeviceSettings): Promise<Device>;
  /** Tells the server of a device it does not know yet. */
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
  /** Every device that has ever been here, with what to say of it now. */
  told(): { device: Device; state: DeviceState }[];
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
  device: Device;
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
  const refusals = new Map<string, string>();
  const broken = Promise.withResolvers<never>();
  const following: Promise<void>[] = [];
  let settling: Promise<void> = Promise.resolve();

  function start(member: Member): void {
    const stopping = new AbortController();
    member.presence = { state: 'ready' };
    member.stopping = stopping;
    // a device that comes back waits until the work it lost is cleared away
    member.working = member.working
      .then(() => deps.work(member.device, AbortSignal.any([leaving, stopping.signal])))
      .catch(broken.reject);
  }

  function stop(member: Member, presence: Exclude<Presence, { state: 'ready' }>): void {
    const { id } = member.device.settings;
    const known = member.presence;
    if (known.state === presence.state && known.why === presence.why) return;
    log({ level: 'warn', message: `The device is ${presence.state}: ${presence.why}`, device: id });
    member.presence = presence;
    member.stopping.abort();
    if (presence.state !== 'gone') return;
    for (const held of leases.all()) if (held.deviceId === id) held.stop(`The device has gone: ${presence.why}`);
  }

  async function admit(source: string, settings: DeviceSettings): Promise<void> {
    const device = await deps.equip(settings);
    try {
      await deps.announce(settings, leaving);
    } catch (error) {
      await device.platform.close();
      throw error;
    }
    const working = Promise.resolve();
    const member: Member = { device, source, working, presence: { state: 'ready' }, stopping: new AbortController() };
    members.set(settings.id, member);
    log({ level: 'info', message: 'A device has appeared', device: settings.id });
    start(member);
  }

  async function take(source: string, seen: readonly SeenDevice[]): Promise<void> {
    const present = new Set(seen.map(({ settings }) => settings.id));
    for (const [id, member] of members)
      if (member.source === source && !present.has(id)) stop(member, { state: 'gone', why: 'it is no longer there.' });
    for (const { settings, presence } of seen) {
      if (leaving.aborted) return;
      const member = members.get(settings.id);
      if (member && member.source !== source) continue; // listed in the settings: that is who speaks for it
      if (presence.state !== 'ready') {
        if (member) stop(member, presence);
        else refused(settings, presence.why);
      } else if (!member) await admit(source, settings).catch((error) => refused(settings, error.message));
      else if (member.presence.state !== 'ready') {
        log({ level: 'info', message: 'The device is back', device: settings.id });
        start(member);
      }
    }
  }

  /** Said once for as long as it is the same. */
  function refused({ id }: DeviceSettings, why: string): void {
    if (leaving.aborted || refusals.get(id) === why) return;
    refusals.set(id, why);
    log({ level: 'warn', message: `A device cannot be used: ${why}`, device: id });
  }

  return {
    told: () => [...members.values()].map(({ device, presence }) => ({ device, state: stateOf(device, presence) })),
    add(device) {
      const working = Promise.resolve();
      const stopping = new AbortController();
      const member: Member = { device, source: null, working, presence: { state: 'ready' }, stopping };
      members.set(device.settings.id, member);
      start(member);
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

function stateOf(device: Device, presence: Presence): DeviceState {
  if (presence.state === 'gone') return 'offline';
  return presence.state === 'unfit' ? 'unhealthy' : device.state();
}
