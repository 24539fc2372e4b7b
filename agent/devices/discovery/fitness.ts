import type { Adb } from '../adb/adb.ts';

/** What a device must have to be given work. */
export interface FitnessLimits {
  /** Percent of charge; a device that says nothing of a battery needs none. */
  minBattery: number;
  /** MiB free for apps and their data. */
  minFreeMiB: number;
}

export const defaultFitness: FitnessLimits = { minBattery: 15, minFreeMiB: 1024 };

/** Why an Android device should rest; null where it may work. @throws AdbError where it cannot be asked */
export async function whyUnfit(
  adb: Adb,
  serial: string,
  limits: FitnessLimits,
  signal: AbortSignal,
): Promise<string | null> {
  const battery = batteryLevel(await adb.shell(serial, ['dumpsys', 'battery'], { signal }));
  if (battery !== null && battery < limits.minBattery)
    return `its battery is at ${battery} %, and ${limits.minBattery} % are needed.`;
  const freeMiB = freeSpace(await adb.shell(serial, ['df', '-k', '/data'], { signal }));
  if (freeMiB !== null && freeMiB < limits.minFreeMiB)
    return `it has ${Math.floor(freeMiB)} MiB free, and ${limits.minFreeMiB} MiB are needed.`;
  return null;
}

/** Percent, of `dumpsys battery`; null where there is none. */
function batteryLevel(text: string): number | null {
  const field = (name: string) => Number(text.match(new RegExp(`^\\s*${name}:\\s*(\\d+)\\s*$`, 'm'))?.[1]);
  if (/^\s*present:\s*false\s*$/m.test(text)) return null;
  const [level, scale] = [field('level'), field('scale') || 100];
  return Number.isNaN(level) ? null : Math.round((level / scale) * 100);
}

/** MiB available, of `df -k`: the fourth column of the last line. */
function freeSpace(text: string): number | null {
  const columns = text.trim().split('\n').at(-1)?.trim().split(/\s+/) ?? [];
  const available = Number(columns[3]);
  return columns.length >= 6 && Number.isFinite(available) ? available / 1024 : null;
}
