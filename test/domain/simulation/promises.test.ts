import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Trace } from '../../../contract/trace.ts';
import { faultsOf } from '../../../scripts/bench/scheduling/feasibility.ts';
import { deviceFits } from '../../../server/domain/grouping.ts';
import type { Device } from '../../../server/domain/model.ts';
import { reportOf } from '../../../server/domain/simulation/report.ts';
import {
  type SimulatedGroup,
  type SimulatedStart,
  type Simulation,
  simulate,
} from '../../../server/domain/simulation/simulate.ts';
import { simulationOf } from '../../../server/domain/simulation/trace.ts';
import { quickPolicy, traces } from './traces.ts';

/** The promises of docs/scheduling.md, held against what happened on random traces, judged from the starts alone. */

test('ten thousand schedules are feasible, and no job that some device fits is lost or run twice', {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(traces(), (trace) => {
      expect(faultsOf(trace, reportOf(trace, quickPolicy).schedule)).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
});

test('a group that is overdue is begun by the next device whose turn to help it is, the oldest first', () => {
  fc.assert(
    fc.property(traces(), (trace) => {
      const simulation = simulationOf(trace, quickPolicy);
      for (const moment of replay(simulation)) {
        const { start, helpedMs, turnMs } = moment;
        const mayHelp = start.takenMs - helpedMs >= quickPolicy.overdueEveryMs;
        const endsTurn = start.installed || turnMs >= quickPolicy.turnMs;
        const [oldest] = moment.overdue;
        if (mayHelp && endsTurn && oldest !== undefined) expect(moment.headMs).toBeLessThanOrEqual(oldest);
      }
    }),
    { numRuns: 1000 },
  );
});

test('two organisations that always have work never differ by more than the tolerance and what is in progress', () => {
  const work = fc.record({
    devices: fc.integer({ min: 1, max: 6 }),
    versions: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    durations: fc.tuple(durations(), durations()),
    installS: fc.tuple(fc.integer({ min: 5, max: 120 }), fc.integer({ min: 5, max: 120 })),
  });
  fc.assert(
    fc.property(work, ({ devices, ...orgs }) => {
      const trace = twoOrgs(devices, orgs);
      const starts = simulate(simulationOf(trace));
      const orgOf = new Map(trace.jobs.map((job) => [job.id, job.org_id]));
      const lastMs = (org: string) =>
        Math.max(...starts.filter(({ job }) => orgOf.get(job.id) === org).map((s) => s.takenMs));
      // towards its end an organisation has too little left to be worth its share of the devices
      const until = 0.8 * Math.min(lastMs('org0'), lastMs('org1'));
      for (let at = 0; at < until; at += 60_000) {
        const used = (org: string) =>
          starts
            .filter(({ job, takenMs }) => orgOf.get(job.id) === org && takenMs < at)
            .reduce((sum, start) => sum + Math.min(at, start.endMs) - start.takenMs, 0);
        const installMs = Math.max(...orgs.installS) * 1000;
        const boundMs = 600_000 + devices * (2 * (90_000 + installMs) + 8 * installMs);
        expect(Math.abs(used('org0') - used('org1'))).toBeLessThanOrEqual(boundMs);
      }
    }),
    { numRuns: 100 },
  );
});

function durations(): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 20, max: 90 }), { minLength: 5, maxLength: 5 });
}

interface TwoOrgs {
  versions: readonly [number, number];
  /** Of their tests by turns, seconds. */
  durations: readonly [readonly number[], readonly number[]];
  installS: readonly [number, number];
}

/** Each has as many tests for each device, whatever they take. */
function twoOrgs(devices: number, { versions, durations, installS }: TwoOrgs): Trace {
  const jobs = versions.flatMap((count, org) =>
    Array.from({ length: 120 * devices }, (_, n) => ({
      id: `o${org}-${n}`,
      release_s: 0,
      org_id: `org${org}`,
      app_version_id: `o${org}v${n % count}`,
      target: 'emulator' as const,
      priority: 5,
      duration_s: durations[org]?.[n % 5] ?? 60,
    })),
  );
  const install_s = Object.fromEntries(
    jobs.map(({ org_id, app_version_id }) => [app_version_id, installS[org_id === 'org0' ? 0 : 1]]),
  );
  return { devices: Array.from({ length: devices }, (_, n) => ({ id: `d${n}`, target: 'emulator' })), jobs, install_s };
}

interface Moment {
  start: SimulatedStart;
  /** When the taken group's first waiting job was released. */
  headMs: number;
  /** When the device last took up an overdue group before; -Infinity: never. */
  helpedMs: number;
  /** How long it has been at the version that it had on. */
  turnMs: number;
  /** Of the overdue groups that no other device works on, fit the device and need an install: their heads' release, oldest first. */
  overdue: number[];
}

function replay(simulation: Simulation): Moment[] {
  const starts = simulate(simulation);
  const groups = new Map(simulation.groups.map((group) => [group.id, group]));
  const device = new Map(simulation.devices.map((one) => [one.id, one]));
  const taken = new Set<string>();
  const state = new Map<string, { on: string; sinceMs: number; helpedMs: number }>();
  return starts.map((start, index) => {
    const before = state.get(start.deviceId) ?? { on: '', sinceMs: start.takenMs, helpedMs: Number.NEGATIVE_INFINITY };
    const headOf = (group: SimulatedGroup) => headMsOf(simulation, group, start.takenMs, taken);
    const own = groups.get(start.job.groupId);
    const asking = device.get(start.deviceId);
    if (!own || !asking) return expect.fail('a start of no group or device');
    const waiting = simulation.groups
      .filter((group) => deviceFits(asking, group) && version(group) !== before.on)
      .filter((group) => !isServed(group, start, starts.slice(0, index), groups, device))
      .map((group) => ({ group, headMs: headOf(group) }))
      .filter((one): one is { group: SimulatedGroup; headMs: number } => one.headMs !== null);
    const headMs = headOf(own) ?? expect.fail('a job that did not wait');
    const moment = {
      start,
      headMs,
      helpedMs: before.helpedMs,
      turnMs: start.takenMs - before.sinceMs,
      overdue: waiting
        .filter((one) => start.takenMs - one.headMs >= limitMs(one.group))
        .map((one) => one.headMs)
        .sort((a, b) => a - b),
    };
    const helps = start.installed && start.takenMs - headMs >= limitMs(own);
    state.set(start.deviceId, {
      on: version(own),
      sinceMs: start.installed ? start.takenMs : before.sinceMs,
      helpedMs: helps ? start.takenMs : before.helpedMs,
    });
    taken.add(start.job.id);
    return moment;
  });
}

const version = ({ orgId, appVersionId }: SimulatedGroup) => `${orgId} ${appVersionId}`;

function headMsOf(
  { jobs }: Simulation,
  group: SimulatedGroup,
  nowMs: number,
  taken: ReadonlySet<string>,
): number | null {
  const [head] = jobs
    .filter((job) => job.groupId === group.id && job.releaseMs <= nowMs && !taken.has(job.id))
    .sort((a, b) => b.priority - a.priority || a.releaseMs - b.releaseMs);
  return head?.releaseMs ?? null;
}

/** A device whose job ends at this very moment may go on with its version: such a group is not called unserved. */
function isServed(
  group: SimulatedGroup,
  { deviceId, takenMs }: SimulatedStart,
  before: readonly SimulatedStart[],
  groups: ReadonlyMap<string, SimulatedGroup>,
  devices: ReadonlyMap<string, Device>,
): boolean {
  return before.some((other) => {
    const [its, device] = [groups.get(other.job.groupId), devices.get(other.deviceId)];
    if (other.deviceId === deviceId || other.endMs < takenMs || !its || !device) return false;
    return version(its) === version(group) && deviceFits(device, group);
  });
}

/** As docs/scheduling.md has it: an hour, or eighty installs where that is less, but no less than a quarter of an hour. */
function limitMs({ target, installMs }: SimulatedGroup): number {
  const { overdueMs, overdueInstalls, assumedInstallMs } = quickPolicy;
  const install = target === 'browserstack' ? 0 : (installMs ?? assumedInstallMs);
  return Math.min(overdueMs, Math.max(overdueInstalls * install, overdueMs / 4));
}
