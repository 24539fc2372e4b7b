import type { Trace } from '../../../contract/trace.ts';

export interface Bounds {
  installs: number;
  makespanS: number;
}

/** What no schedule of a trace can beat, whatever it knows: installs, and the end of the last test. */
export function boundsOf(trace: Trace): Bounds {
  let installs = 0;
  let makespanS = 0;
  for (const [target, jobs] of Map.groupBy(trace.jobs, (job) => job.target)) {
    installs += new Set(jobs.map(familyOf)).size;
    const devices = trace.devices.filter((device) => device.target === target).length;
    if (devices > 0) makespanS = Math.max(makespanS, makespanOf(jobs, devices, trace.install_s));
  }
  return { installs, makespanS };
}

type Jobs = Trace['jobs'];

function familyOf({ org_id, app_version_id }: Jobs[number]): string {
  return `${org_id}\n${app_version_id}`;
}

/** Over every suffix of the release times: what is released from r on cannot be done before r + its own bound. */
function makespanOf(jobs: Jobs, devices: number, installS: Trace['install_s']): number {
  const releases = [...new Set(jobs.map((job) => job.release_s))].sort((a, b) => a - b);
  // so many suffixes tell enough, and a bound of fewer is a bound still
  const step = Math.max(1, Math.floor(releases.length / 200));
  let best = 0;
  for (let index = 0; index < releases.length; index += step) {
    const from = releases[index] ?? 0;
    const suffix = jobs.filter((job) => job.release_s >= from);
    // after the first, a device may hold the app already
    const needS =
      index === 0
        ? withInstalls(suffix, devices, installS)
        : suffix.reduce((sum, job) => sum + job.duration_s, 0) / devices;
    best = Math.max(best, from + needS);
  }
  const longest = Math.max(...jobs.map((job) => job.release_s + job.duration_s));
  return Math.max(best, longest);
}

/** The smallest T with m·T >= sum of P_v + s_v·k_v(T), k_v = max(1, ceil(P_v/(T - s_v))), and T >= s_v + p_j. */
function withInstalls(jobs: Jobs, devices: number, installS: Trace['install_s']): number {
  const families = [...Map.groupBy(jobs, familyOf).values()].map((own) => ({
    workS: own.reduce((sum, job) => sum + job.duration_s, 0),
    setupS: own[0]?.target === 'browserstack' ? 0 : (ownValue(installS, own[0]?.app_version_id ?? '') ?? 0),
    longestS: Math.max(...own.map((job) => job.duration_s)),
  }));
  const holds = (t: number) => {
    const needS = families.reduce((sum, { workS, setupS }) => {
      const machines = Math.max(1, Math.ceil(workS / (t - setupS)));
      return machines > devices ? Number.POSITIVE_INFINITY : sum + workS + setupS * machines;
    }, 0);
    return devices * t >= needS;
  };
  let low = Math.max(...families.map(({ setupS, longestS }) => setupS + longestS));
  // neither tests nor installs that take any time
  if (low === 0 || holds(low)) return low;
  let high = low * 2;
  while (!holds(high)) high *= 2;
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** A version may be called like what every object has: `constructor`. */
export function ownValue(record: Trace['install_s'], key: string): number | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
