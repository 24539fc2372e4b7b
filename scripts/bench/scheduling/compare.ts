import { type Played, play, type Scheduler, schedulers } from './play.ts';
import type { Workload } from './workloads.ts';

/** Installs per version and makespan per bound; the rest per FIFO's. Null where a workload favours nobody. */
export interface Row {
  installs: number;
  makespan: number;
  p50: number;
  p95: number;
  max: number;
  favoured: number | null;
  turnaround: number;
}

/** The mean over the seeds for each scheduler. @throws when a schedule could not be */
export function compare(workload: Workload, seeds: number): Record<Scheduler, Row> {
  const names = Object.keys(schedulers) as Scheduler[];
  const rounds = Array.from({ length: seeds }, (_, index) => play(workload, index + 1));
  const rowOf = ({ bounds, of }: Played, name: Scheduler) => {
    const [it, base] = [of[name], of.fifo];
    return {
      installs: it.installs / bounds.installs,
      makespan: it.makespan / bounds.makespanS,
      p50: it.p50 / base.p50,
      p95: it.p95 / base.p95,
      max: it.max / base.max,
      favoured: it.favoured === null ? null : it.favoured / Math.max(1, base.favoured ?? 1),
      turnaround: it.turnaround / base.turnaround,
    };
  };
  return Object.fromEntries(names.map((name) => [name, meanOf(rounds.map((round) => rowOf(round, name)))])) as Record<
    Scheduler,
    Row
  >;
}

function meanOf(rows: readonly Row[]): Row {
  const mean = (key: Exclude<keyof Row, 'favoured'>) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  const favoured = rows.flatMap((row) => (row.favoured === null ? [] : [row.favoured]));
  return {
    installs: mean('installs'),
    makespan: mean('makespan'),
    p50: mean('p50'),
    p95: mean('p95'),
    max: mean('max'),
    favoured: favoured.length === 0 ? null : favoured.reduce((sum, one) => sum + one, 0) / favoured.length,
    turnaround: mean('turnaround'),
  };
}
