import { z } from 'zod';
import { DeviceRequirement, line, Platform, Priority, Target } from './words.ts';

const seconds = z.number().min(0).max(1e9);

/** What happened, or may happen, as seconds from its beginning: what `qgjob simulate` plays. */
export const Trace = z.strictObject({
  devices: z.array(
    z.strictObject({
      id: line(128),
      target: Target,
      platform: Platform.optional(),
      model: line(128).optional(),
      os_version: line(32).optional(),
      labels: z.array(line(64)).max(16).optional(),
    }),
  ),
  jobs: z.array(
    z.strictObject({
      id: line(64),
      release_s: seconds,
      org_id: line(64),
      app_version_id: line(128),
      target: Target,
      priority: Priority,
      duration_s: seconds,
      estimate_s: seconds.optional(),
      devices: z.array(DeviceRequirement).max(16).optional(),
    }),
  ),
  install_s: z.record(z.string(), seconds),
});
export type Trace = z.infer<typeof Trace>;

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
