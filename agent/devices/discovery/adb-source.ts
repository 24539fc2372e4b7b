import type { Environment } from '../../executors/environment.ts';
import { pause } from '../../pause.ts';
import type { DeviceSettings } from '../../settings.ts';
import type { Adb } from '../adb/adb.ts';
import type { DeviceSource, Presence, SeenDevice } from './device-source.ts';
import { type FitnessLimits, whyUnfit } from './fitness.ts';
import { type TrackedDevice, trackDevices } from './track-devices.ts';

export interface AdbSourceDeps {
  adb: Adb;
  /** The program and its environment, as `Adb` was made of. */
  program: string;
  env: Environment;
  /** What the settings say of some serials; others are described by what they say of themselves. */
  known: readonly DeviceSettings[];
  /** Serials that are someone else's: emulators this agent starts itself. */
  except: ReadonlySet<string>;
  fitness: FitnessLimits;
  /** How often each device is looked at while nothing changes. */
  lookMs: number;
  /** How long a device may be away before it counts as gone: a cable that is moved, a daemon that restarts. */
  awayMs: number;
}

/** Every Android device that adb sees. Each is ready once it has booted, has charge and space. */
export function createAdbSource(deps: AdbSourceDeps): DeviceSource {
  return {
    name: 'adb',
    async watch(tell, signal) {
      let listed: readonly TrackedDevice[] = [];
      let changed = new AbortController();
      const met = new Map<string, { settings: DeviceSettings; seenAtMs: number }>();
      const tracking = trackDevices({
        adb: deps.program,
        env: deps.env,
        signal,
        tell(devices) {
          listed = (devices ?? []).filter(({ serial }) => !deps.except.has(serial));
          changed.abort();
        },
      });
      while (!signal.aborted) {
        changed = new AbortController();
        const devices = listed;
        const seen = await Promise.all(devices.map((device) => look(deps, device, met, signal)));
        const away = [...met].filter(([serial]) => !devices.some((device) => device.serial === serial));
        const missed = away.filter(([, { seenAtMs }]) => performance.now() - seenAtMs < deps.awayMs);
        // what is away for a moment only is told as it was
        const told = missed.map(([, { settings }]) => ({ settings, presence: ready }));
        tell([...seen.filter((one) => one !== null), ...told]);
        const soon = missed.length > 0 || seen.includes(null);
        await pause(soon ? deps.awayMs / 4 : deps.lookMs, AbortSignal.any([signal, changed.signal]));
      }
      await tracking;
    },
  };
}

/** Null while there is nothing to say of it yet: it boots, or does not answer. */
async function look(
  deps: AdbSourceDeps,
  { serial, state }: TrackedDevice,
  met: Map<string, { settings: DeviceSettings; seenAtMs: number }>,
  signal: AbortSignal,
): Promise<SeenDevice | null> {
  const known = met.get(serial)?.settings;
  if (state !== 'device') {
    return { settings: known ?? described(deps, serial, serial.startsWith('emulator-')), presence: notReady(state) };
  }
  const settings = known ?? (await settingsOf(deps, serial, signal));
  if (!settings) return null;
  met.set(serial, { settings, seenAtMs: performance.now() });
  return { settings, presence: await presenceOf(deps, serial, signal) };
}

/** What a device says of itself, and the agent's settings of it; null before it has booted. */
async function settingsOf(deps: AdbSourceDeps, serial: string, signal: AbortSignal): Promise<DeviceSettings | null> {
  const property = async (name: string) => (await deps.adb.shell(serial, ['getprop', name], { signal })).trim();
  try {
    if ((await property('sys.boot_completed')) !== '1') return null;
    const isEmulator = serial.startsWith('emulator-') || (await property('ro.kernel.qemu')) === '1';
    const [model, version] = [await property('ro.product.model'), await property('ro.build.version.release')];
    return described(deps, serial, isEmulator, {
      ...(model ? { model: oneLine(model, 128) } : {}),
      ...(version ? { os_version: oneLine(version, 32) } : {}),
    });
  } catch {
    return null; // it goes as it comes
  }
}

/** What the agent's settings say of a device comes before what it says itself, or what its serial tells. */
function described(
  { known }: AdbSourceDeps,
  serial: string,
  isEmulator: boolean,
  said: Pick<DeviceSettings, 'model' | 'os_version'> = {},
): DeviceSettings {
  const listed = known.find((device) => (device.serial ?? device.id) === serial);
  return { id: serial, target: isEmulator ? 'emulator' : 'device', platform: 'android', ...said, ...listed, serial };
}

async function presenceOf(deps: AdbSourceDeps, serial: string, signal: AbortSignal): Promise<Presence> {
  try {
    const why = await whyUnfit(deps.adb, serial, deps.fitness, signal);
    return why === null ? ready : { state: 'unfit', why };
  } catch (error) {
    return { state: 'unfit', why: (error as Error).message };
  }
}

const ready: Presence = { state: 'ready' };

/** adb's words for a device it sees and cannot use, with what to do about it. */
function notReady(state: string): Presence {
  const advice: Record<string, string> = {
    unauthorized: 'unlock it and allow this machine to debug it.',
    offline: 'adb sees it and gets no answer: plug it in again.',
    'no permissions': 'this user may not use USB devices: see the udev rules in docs/agents.md.',
  };
  const known = Object.keys(advice).find((word) => state.startsWith(word));
  return { state: 'gone', why: known ? `${known}: ${advice[known]}` : `adb calls it ${state.slice(0, 64)}.` };
}

/** A device's word about itself as one line in the API's limits. */
function oneLine(text: string, max: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, max);
}
