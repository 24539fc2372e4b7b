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
