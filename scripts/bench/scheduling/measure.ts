import type { Trace } from '../../../contract/trace.ts';
import type { SimulatedStart } from '../../../server/domain/simulation/simulate.ts';

export interface Measures {
  installs: number;
  makespan: number;
  mean: number;
  p50: number;
  p95: number;
  max: number;
  favoured: number | null;
  turnaround: number;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Seconds, and installs as a number, of one schedule. */
export function measure(
  trace: Trace,
  starts: readonly SimulatedStart[],
  isFavoured: ((job: Trace['jobs'][number]) => boolean) | null,
): Measures {
  const jobs = new Map(trace.jobs.map((job) => [job.id, job]));
  const waits: number[] = [];
  const favoured: number[] = [];
  const groups = new Map<string, { from: number; to: number }>();
  for (const start of starts) {
    const job = jobs.get(start.job.id);
    if (!job) continue;
    const wait = start.startMs / 1000 - job.release_s;
    waits.push(wait);
    if (isFavoured?.(job)) favoured.push(wait);
    const key = job.org_id + job.app_version_id;
    const known = groups.get(key) ?? { from: job.release_s, to: 0 };
    groups.set(key, { from: Math.min(known.from, job.release_s), to: Math.max(known.to, start.endMs / 1000) });
  }
  waits.sort((a, b) => a - b);
  favoured.sort((a, b) => a - b);
  const spans = [...groups.values()].map(({ from, to }) => to - from);
  return {
    installs: starts.filter((start) => start.installed).length,
    makespan: Math.max(...starts.map((start) => start.endMs)) / 1000,
    mean: waits.reduce((a, b) => a + b, 0) / waits.length,
    p50: percentile(waits, 0.5),
    p95: percentile(waits, 0.95),
    max: waits.at(-1) ?? 0,
    favoured: isFavoured ? percentile(favoured, 0.95) : null,
    turnaround: spans.reduce((a, b) => a + b, 0) / spans.length,
  };
}
