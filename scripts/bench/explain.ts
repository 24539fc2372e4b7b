import type { Trace } from '../../contract/trace.ts';
import { remainingMs, startsInMs } from '../../server/domain/explain/eta.ts';
import type { Device, Group } from '../../server/domain/model.ts';
import { type SimulatedStart, type Simulation, simulate } from '../../server/domain/simulation/simulate.ts';
import { simulationOf } from '../../server/domain/simulation/trace.ts';
import { createChance } from './scheduling/chance.ts';
import { percentile } from './scheduling/measure.ts';
import { knownWorkloads, otherWorkloads } from './scheduling/workloads.ts';
import { number, table } from './statistics.ts';

/**
 * How far the ETA of an explanation is from what then happens: the simulator plays a workload, at moments of it jobs that wait
 * are asked about as the server would see them, and |ETA - truth| is told. The scheduler and the ETA know no durations (a minute
 * each is assumed, and none is learnt), and the ETA nothing of what comes later.
 */

const seeds = 3;
const moments = 12;
const jobsEach = 8;

interface Errors {
  errors: number[];
  waits: number[];
  tookMs: number[];
}

function measure(trace: Trace, seed: number): Errors {
  const simulation = simulationOf(trace);
  const starts = simulate(simulation);
  const chance = createChance(seed + 1000);
  const end = Math.max(...starts.map(({ endMs }) => endMs));
  const found: Errors = { errors: [], waits: [], tookMs: [] };
  for (let moment = 0; moment < moments; moment++) {
    const now = chance.uniform(0, 0.95) * end;
    const waiting = starts.filter(({ job, takenMs }) => job.releaseMs <= now && takenMs > now);
    if (waiting.length === 0) continue;
    for (let n = 0; n < jobsEach; n++) {
      const asked = waiting[Math.floor(chance.uniform(0, waiting.length))];
      if (!asked) continue;
      const began = performance.now();
      const eta = ask(simulation, starts, waiting, asked, now);
      found.tookMs.push(performance.now() - began);
      const truth = asked.startMs - now;
      found.waits.push(truth / 1000);
      found.errors.push(Math.abs((eta ?? 0) - truth) / 1000);
    }
  }
  return found;
}

/** What the server would say of a waiting job at that moment. */
function ask(
  { devices, groups, policy }: Simulation,
  starts: readonly SimulatedStart[],
  waiting: readonly SimulatedStart[],
  asked: SimulatedStart,
  now: number,
): number | null {
  const counted = groups.flatMap((group): Group[] => {
    const own = waiting.filter(({ job }) => job.groupId === group.id);
    if (own.length === 0) return [];
    const headPriority = Math.max(...own.map(({ job }) => job.priority));
    const heads = own.filter(({ job }) => job.priority === headPriority);
    const workMs = own.reduce((sum, { job }) => sum + job.estimateMs, 0);
    const headEnqueuedAt = Math.min(...heads.map(({ job }) => job.releaseMs));
    return [{ ...group, queued: own.length, active: 0, workMs, headPriority, headEnqueuedAt }];
  });
  const workers = devices.map((device) => {
    const last = starts.findLast((start) => start.deviceId === device.id && start.takenMs <= now);
    const group = last && groups.find(({ id }) => id === last.job.groupId);
    const installed: Device['installed'] = group
      ? { org_id: group.orgId, app_version_id: group.appVersionId, sha256: null }
      : null;
    const isBusy = last !== undefined && last.endMs > now;
    return {
      device: { ...device, installed },
      orgId: null,
      serves: isBusy && group ? group : null,
      freeInMs: isBusy ? remainingMs(last.job.estimateMs, Math.max(0, now - last.startMs)) : 0,
    };
  });
  const before = waiting.filter(({ job }) => job.groupId === asked.job.groupId && isBefore(job, asked.job));
  const job = { ...asked.job, orgId: '', enqueuedAt: asked.job.releaseMs };
  // all organisations as if level: what they used before is not in the trace's counters
  return startsInMs({ job, groups: counted, workers, ahead: before.length, orgs: new Map(), policy, now });
}

function isBefore(a: SimulatedStart['job'], b: SimulatedStart['job']): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.releaseMs !== b.releaseMs ? a.releaseMs < b.releaseMs : Number(a.id.slice(1)) < Number(b.id.slice(1));
}

const rows = [
  ['workload', 'asked', 'p50 wait, s', 'p50(|ETA - truth|), s', 'p90(|ETA - truth|), s', 'p90 by wait', 'p99 cost, ms'],
];
const all: Errors = { errors: [], waits: [], tookMs: [] };
const summary = (name: string, { errors, waits, tookMs }: Errors): string[] => {
  const at = (list: readonly number[], share: number) =>
    percentile(
      [...list].sort((a, b) => a - b),
      share,
    );
  const meanWait = waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length);
  const p90 = at(errors, 0.9);
  return [
    name,
    String(errors.length),
    number(at(waits, 0.5)),
    number(at(errors, 0.5)),
    number(p90),
    `${number(p90 / meanWait)} x mean`,
    number(at(tookMs, 0.99)),
  ];
};
for (const { name, make } of [...knownWorkloads, ...otherWorkloads]) {
  const found: Errors = { errors: [], waits: [], tookMs: [] };
  for (let seed = 1; seed <= seeds; seed++) {
    const one = measure(make(seed), seed);
    for (const key of ['errors', 'waits', 'tookMs'] as const) {
      found[key].push(...one[key]);
      all[key].push(...one[key]);
    }
  }
  rows.push(summary(name, found));
}
rows.push(summary('all', all));
console.log(table(rows));
