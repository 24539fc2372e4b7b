import type { SimulationReport, Trace } from '../../../contract/trace.ts';
import { defaultPolicy, type Policy } from '../policy.ts';
import { boundsOf } from './bounds.ts';
import { type SimulatedStart, simulate } from './simulate.ts';
import { simulationOf } from './trace.ts';
import { withUploads } from './uploads.ts';

/** Plays a trace through the scheduler and tells what came of it; jobs that no device fits are left out. */
export function reportOf(trace: Trace, policy: Policy = defaultPolicy): SimulationReport {
  const simulation = simulationOf(trace, policy);
  const starts = withUploads(simulate(simulation), simulation.groups, simulation.devices);
  const waits = starts.map(({ job, startMs }) => (startMs - job.releaseMs) / 1000).sort((a, b) => a - b);
  const bounds = boundsOf(trace);
  return {
    installs: starts.filter(({ installed }) => installed).length,
    makespan_s: starts.reduce((last, { endMs }) => Math.max(last, endMs), 0) / 1000,
    wait_s: {
      mean: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
      p50: percentile(waits, 0.5),
      p95: percentile(waits, 0.95),
      max: waits.at(-1) ?? 0,
    },
    bounds: { installs: bounds.installs, makespan_s: bounds.makespanS },
    schedule: starts.map(scheduled),
  };
}

function scheduled({ job, deviceId, startMs, endMs, installed }: SimulatedStart): SimulationReport['schedule'][number] {
  return { job_id: job.id, device_id: deviceId, start_s: startMs / 1000, end_s: endMs / 1000, installed };
}

/** Of numbers in rising order; 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
