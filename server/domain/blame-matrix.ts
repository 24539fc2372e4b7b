import type { Device, Job } from './model.ts';

/**
 * What speaks against a device: test files that failed on it and then passed on another, without any change. One such file
 * may be flaky, several different ones have the device in common.
 */
export interface Suspicion {
  /** Digests of these files' names, oldest first, each once. */
  tests: string[];
  /** Attempts that passed on it since the latest of them, or since the oldest was forgiven. */
  passes: number;
}

export const noSuspicion: Suspicion = { tests: [], passes: 0 };

/** So many different test files make a device suspect. */
const enough = 3;
/** So many attempts that pass on it make up for one of them. */
const passesForgive = 4;
/** A file that fails so often without a cause speaks against no device. */
const flakyRate = 0.1;

/** How long a suspect device is set aside. */
export const setAsideMs = 30 * 60_000;

/** After a test file passed elsewhere that had failed on the device. `rate`: how often it is flaky, 0 to 1. */
export function suspect(suspicion: Suspicion, test: string, rate: number): Suspicion {
  if (rate >= flakyRate) return suspicion;
  return { tests: [...suspicion.tests.filter((known) => known !== test), test].slice(-enough), passes: 0 };
}

/** After a job passed on the device. */
export function trust(suspicion: Suspicion): Suspicion {
  if (suspicion.tests.length === 0) return suspicion;
  const passes = suspicion.passes + 1;
  return passes < passesForgive ? { ...suspicion, passes } : { tests: suspicion.tests.slice(1), passes: 0 };
}

/** Whether a device is set aside now: it takes no jobs. */
export function isSetAside({ suspectUntil }: Pick<Device, 'suspectUntil'>, now: number): boolean {
  return suspectUntil !== null && suspectUntil > now;
}

/** A device at work and whose jobs it takes; null: everyone's. */
export interface Working {
  device: Pick<Device, 'suspicion' | 'suspectUntil' | 'target' | 'platform'>;
  orgId: string | null;
}

/**
 * Whether enough speaks against a device to set it aside, and enough devices of its class (target and platform) remain: of
 * those that any one organisation can use, at most a third are ever set aside.
 * @param others the other devices at work, beside whichever agents and of all classes
 */
export function mustSetAside(suspect: Working, others: readonly Working[], now: number): boolean {
  const { device } = suspect;
  if (device.suspicion.tests.length < enough || isSetAside(device, now)) return false;
  return isWithinThird(suspect, [suspect, ...others], (one) => one === suspect || isSetAside(one.device, now));
}

/**
 * Of devices at work those that are set aside and take jobs all the same, since others of their class have left and more than a
 * third would rest: the first to be set aside is the first to come back.
 */
export function recalled<T extends Working>(all: readonly T[], now: number): ReadonlySet<T> {
  const back = new Set<T>();
  const isAside = (one: T) => isSetAside(one.device, now) && !back.has(one);
  const inOrder = all.filter(isAside).toSorted((a, b) => (a.device.suspectUntil ?? 0) - (b.device.suspectUntil ?? 0));
  for (const one of inOrder) if (!isWithinThird(one, all, isAside)) back.add(one);
  return back;
}

/** Whether at most a third of a device's class rests, of those that any one organisation can use. */
function isWithinThird<T extends Working>(
  { device, orgId }: Working,
  all: readonly T[],
  isAside: (one: T) => boolean,
): boolean {
  const alike = all.filter((one) => one.device.target === device.target && one.device.platform === device.platform);
  const losing = orgId === null ? alike.map((one) => one.orgId) : [orgId];
  return losing.every((org) => {
    const usable = alike.filter((one) => one.orgId === null || one.orgId === org);
    return usable.filter(isAside).length <= Math.floor(usable.length / 3);
  });
}

/** Why a device is set aside, in one sentence, and since when. */
export function whySetAside({ suspicion, suspectUntil }: Pick<Device, 'suspicion' | 'suspectUntil'>): {
  why: string;
  sinceAt: number;
} {
  return {
    why: `${suspicion.tests.length} different test files failed on it and passed on other devices.`,
    sinceAt: (suspectUntil ?? 0) - setAsideMs,
  };
}

/**
 * A hint on a job that ends failed: its file passed with the app version before and failed everywhere with this one. Null
 * where that cannot be said.
 * @param passedWith the app version that the file passed with last; null when it never passed
 */
export function regressionHint(
  { appVersionId, failedOn }: Pick<Job, 'appVersionId' | 'failedOn'>,
  passedWith: string | null,
): string | null {
  if (passedWith === null || passedWith === appVersionId || failedOn.length === 0) return null;
  const where = failedOn.length === 1 ? 'on the one device tried' : `on each of ${failedOn.length} devices tried`;
  return `${hintBegins}${passedWith} and fails with this one ${where}: it may be a regression.`;
}

const hintBegins = 'It passed with app version ';

/** The hint in a job's reason; null where it has none. */
export function hintIn(reason: string | null): string | null {
  const at = reason?.lastIndexOf(hintBegins) ?? -1;
  return reason && at >= 0 && reason.endsWith('may be a regression.') ? reason.slice(at) : null;
}
