import { chooseGroup } from '../../../server/domain/scheduler/choose.ts';
import { type Bounds, boundsOf } from '../../../server/domain/simulation/bounds.ts';
import { simulate } from '../../../server/domain/simulation/simulate.ts';
import { simulationOf } from '../../../server/domain/simulation/trace.ts';
import { withUploads } from '../../../server/domain/simulation/uploads.ts';
import { faultsOf } from './feasibility.ts';
import { type Measures, measure } from './measure.ts';
import { batches, type Choose, fifo, priorityFifo, sticky, strict } from './peers.ts';
import { createToldPolicy } from './told-policy.ts';
import type { Workload } from './workloads.ts';

/** One for each simulation: a scheduler may remember. */
export const schedulers = {
  fifo: () => fifo,
  'priority FIFO': () => priorityFifo,
  strict: () => strict,
  batches: () => batches,
  sticky: () => sticky,
  'told policy': createToldPolicy,
  qgjob: () => chooseGroup,
} satisfies Record<string, () => Choose>;
export type Scheduler = keyof typeof schedulers;

/** What every scheduler made of one trace, and what none can beat. */
export interface Played {
  bounds: Bounds;
  of: Record<Scheduler, Measures>;
}

/** Plays one seed of a workload through every scheduler. @throws when a schedule could not be */
export function play(workload: Workload, seed: number): Played {
  const trace = workload.make(seed);
  const simulation = simulationOf(trace);
  const measured = Object.entries(schedulers).map(([name, create]) => {
    // FIFO knows no priorities
    const jobs = name === 'fifo' ? simulation.jobs.map((job) => ({ ...job, priority: 5 })) : simulation.jobs;
    const { groups, devices } = simulation;
    const starts = withUploads(simulate({ ...simulation, jobs, choose: create() }), groups, devices);
    const schedule = starts.map(({ job, deviceId, startMs, endMs, installed }) => ({
      job_id: job.id,
      device_id: deviceId,
      start_s: startMs / 1000,
      end_s: endMs / 1000,
      installed,
    }));
    const [fault] = faultsOf(trace, schedule);
    if (fault) throw new Error(`${workload.name}, seed ${seed}, ${name}: ${fault}`);
    return [name, measure(trace, starts, workload.isFavoured)];
  });
  return { bounds: boundsOf(trace), of: Object.fromEntries(measured) };
}
