import { chooseGroup } from '../../../server/domain/scheduler/choose.ts';
import { boundsOf } from '../../../server/domain/simulation/bounds.ts';
import { simulate } from '../../../server/domain/simulation/simulate.ts';
import { simulationOf } from '../../../server/domain/simulation/trace.ts';
import { faultsOf } from './feasibility.ts';
import { measure } from './measure.ts';
import { batches, type Choose, fifo, priorityFifo, sticky, strict } from './peers.ts';
import type { Workload } from './workloads.ts';

export const schedulers = {
  fifo,
  'priority FIFO': priorityFifo,
  strict,
  batches,
  sticky,
  qgjob: chooseGroup,
} satisfies Record<string, Choose>;
export type Scheduler = keyof typeof schedulers;

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
  const rows = new Map<Scheduler, Row[]>(names.map((name) => [name, []]));
  for (let seed = 1; seed <= seeds; seed++) {
    const trace = workload.make(seed);
    const bounds = boundsOf(trace);
    const simulation = simulationOf(trace);
    const played = (name: Scheduler) => {
      // FIFO knows no priorities
      const jobs = name === 'fifo' ? simulation.jobs.map((job) => ({ ...job, priority: 5 })) : simulation.jobs;
      const starts = simulate({ ...simulation, jobs, choose: schedulers[name] });
      const schedule = starts.map(({ job, deviceId, startMs, endMs, installed }) => ({
        job_id: job.id,
        device_id: deviceId,
        start_s: startMs / 1000,
        end_s: endMs / 1000,
        installed,
      }));
      const [fault] = faultsOf(trace, schedule);
      if (fault) throw new Error(`${workload.name}, seed ${seed}, ${name}: ${fault}`);
      return measure(trace, starts, workload.isFavoured);
    };
    const base = played('fifo');
    for (const name of names) {
      const it = name === 'fifo' ? base : played(name);
      rows.get(name)?.push({
        installs: it.installs / bounds.installs,
        makespan: it.makespan / bounds.makespanS,
        p50: it.p50 / base.p50,
        p95: it.p95 / base.p95,
        max: it.max / base.max,
        favoured: it.favoured === null ? null : it.favoured / Math.max(1, base.favoured ?? 1),
        turnaround: it.turnaround / base.turnaround,
      });
    }
  }
  return Object.fromEntries(names.map((name) => [name, meanOf(rows.get(name) ?? [])])) as Record<Scheduler, Row>;
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
