import { z } from 'zod';
import { DeviceRequirement, Instant, line, Platform, Priority, Target } from './words.ts';

/** So much a trace holds at most: what `qgjob simulate` plays within minutes. */
export const traceLimits = { devices: 1_000, jobs: 100_000 } as const;

const seconds = z.number().min(0).max(1e9);

const TraceDevice = z.strictObject({
  // an agent's name and the device's own id
  id: line(260),
  target: Target,
  platform: Platform.optional(),
  model: line(128).optional(),
  os_version: line(32).optional(),
  labels: z.array(line(64)).max(64).optional(),
});
export type TraceDevice = z.infer<typeof TraceDevice>;

const TraceJob = z.strictObject({
  id: line(64),
  release_s: seconds,
  org_id: line(64),
  app_version_id: line(128),
  target: Target,
  priority: Priority,
  duration_s: seconds,
  estimate_s: seconds.optional(),
  devices: z.array(DeviceRequirement).max(16).optional(),
});

const installSeconds = z.record(z.string(), seconds);

const differ = (all: readonly { id: string }[]) => new Set(all.map(({ id }) => id)).size === all.length;

/** What happened, or may happen, as seconds from its beginning: what `qgjob simulate` plays. */
export const Trace = z.strictObject({
  devices: z.array(TraceDevice).max(traceLimits.devices).refine(differ, 'the ids of devices must differ'),
  jobs: z.array(TraceJob).max(traceLimits.jobs).refine(differ, 'the ids of jobs must differ'),
  install_s: installSeconds,
});
export type Trace = z.infer<typeof Trace>;

/**
 * A part of what happened, newest first: jobs that ran, how long their last attempt took, and when they were submitted. Devices
 * are those they ran on and, on the first page, those online now. A page may hold no job and not be the last.
 */
export const TracePage = z.strictObject({
  devices: z.array(TraceDevice),
  jobs: z.array(TraceJob.omit({ release_s: true }).extend({ created_at: Instant })),
  install_s: installSeconds,
  next_cursor: z.string().nullable(),
});
export type TracePage = z.infer<typeof TracePage>;

/** What came of a trace, in seconds: what `qgjob simulate` prints. */
export interface SimulationReport {
  installs: number;
  makespan_s: number;
  wait_s: { mean: number; p50: number; p95: number; max: number };
  /** What no schedule of the trace can beat. */
  bounds: { installs: number; makespan_s: number };
  /** `start_s` is when the test starts, after the install if one was needed. */
  schedule: { job_id: string; device_id: string; start_s: number; end_s: number; installed: boolean }[];
}
