import { z } from 'zod';
import { TestError, TestResult } from './job.ts';
import {
  AgentCommand,
  AppVersionId,
  DeviceState,
  Id,
  InstallResult,
  Instant,
  line,
  OrgId,
  Platform,
  ReportedOutcome,
  Reset,
  Sha256,
  Target,
} from './words.ts';

/** The app version a device holds; `sha256` is null where the version was never registered with bytes. */
export const InstalledApp = z.strictObject({
  org_id: OrgId,
  app_version_id: AppVersionId,
  sha256: Sha256.nullable(),
});
export type InstalledApp = z.infer<typeof InstalledApp>;

export const DeviceSpec = z.strictObject({
  id: line(128),
  target: Target,
  platform: Platform,
  model: line(128).optional(),
  os_version: line(32).optional(),
  labels: z.array(line(64)).max(32).optional(),
});
export type DeviceSpec = z.infer<typeof DeviceSpec>;

const DeviceSpecs = z
  .array(DeviceSpec)
  .max(256)
  .refine((list) => new Set(list.map((d) => d.id)).size === list.length, 'device ids must differ');

/** An agent that looks for its devices itself may have none yet. */
export const RegisterAgent = z.strictObject({
  name: line(128),
  labels: z.array(line(64)).max(32).optional(),
  devices: DeviceSpecs,
});
export type RegisterAgent = z.infer<typeof RegisterAgent>;

/** Devices that appeared beside an agent, or are described anew; those not named stay as they are. */
export const AddDevices = z.strictObject({ devices: DeviceSpecs });
export type AddDevices = z.infer<typeof AddDevices>;

export const AgentResource = z.strictObject({
  id: Id,
  org_id: OrgId.nullable(),
  name: z.string(),
  labels: z.array(z.string()),
  online: z.boolean(),
  command: AgentCommand.nullable(),
  registered_at: Instant,
  last_heartbeat_at: Instant,
  devices: z.int(),
  /** Those of them that take jobs at present. */
  devices_at_work: z.int(),
});
export type AgentResource = z.infer<typeof AgentResource>;

export const AgentRegistered = z.strictObject({ agent: AgentResource, heartbeat_seconds: z.number() });

export const DeviceResource = z.strictObject({
  id: z.string(),
  agent_id: Id,
  agent: z.string(),
  target: Target,
  platform: Platform,
  model: z.string().nullable(),
  os_version: z.string().nullable(),
  labels: z.array(z.string()),
  state: DeviceState,
  /** Why it is offline or unhealthy, in its agent's words: one line; null where there is nothing to say. */
  state_reason: z.string().nullable(),
  state_since: Instant,
  installed: InstalledApp.nullable(),
  lease_id: Id.nullable(),
  /** Why the server gives it no jobs for a while, since and until when; null unless it is set aside. */
  set_aside: z.strictObject({ reason: z.string(), since: Instant, until: Instant }).nullable(),
});
export type DeviceResource = z.infer<typeof DeviceResource>;

/** What an agent says of one of its devices. `reason`: why it is offline or unhealthy; shown as one line of at most 300 characters. */
export const DeviceReport = z.strictObject({
  id: line(128),
  state: DeviceState,
  reason: z.string().max(1024).optional(),
  installed: InstalledApp.nullable(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** An agent names every lease it still works on; each one named is renewed. */
export const Heartbeat = z.strictObject({
  devices: z.array(DeviceReport).max(256),
  leases: z.array(z.strictObject({ id: Id, job_ids: z.array(Id).max(1000) })).max(256),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

export const HeartbeatAnswer = z.strictObject({
  leases: z.array(
    z.strictObject({
      id: Id,
      status: z.enum(['active', 'lost']),
      expires_in_ms: z.int(),
      cancel_job_ids: z.array(Id),
    }),
  ),
  command: AgentCommand.nullable(),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

export const ClaimRequest = z.strictObject({
  device_id: line(128),
  max_jobs: z.int().min(1).max(100).optional(),
  wait_seconds: z.int().min(0).max(55).optional(),
});

/** A job as its agent gets it. `attempt` counts from 1; `url`s are paths on this server. */
export const LeasedJob = z.strictObject({
  id: Id,
  attempt: z.int().min(1),
  test_path: z.string(),
  project: z.string().nullable(),
  timeout_seconds: z.int(),
  reset: Reset,
  bundle: z.strictObject({ sha256: Sha256, url: z.string() }).nullable(),
});
export type LeasedJob = z.infer<typeof LeasedJob>;

export const Claim = z.strictObject({
  lease: z.strictObject({ id: Id, token: z.string(), ttl_ms: z.int() }),
  app_version: z.strictObject({
    org_id: OrgId,
    app_version_id: AppVersionId,
    sha256: Sha256.nullable(),
    url: z.string().nullable(),
  }),
  install_required: z.boolean(),
  jobs: z.array(LeasedJob),
});
export type Claim = z.infer<typeof Claim>;

/** The install ledger's entry for this lease's device. */
export const InstallReport = z.strictObject({
  result: InstallResult,
  sha256: Sha256.nullable(),
  duration_ms: z.number().min(0).max(86_400_000),
  reason: z.string().max(4096).optional(),
});
export type InstallReport = z.infer<typeof InstallReport>;

export const JobResult = z.strictObject({
  outcome: ReportedOutcome,
  duration_ms: z.number().min(0).max(604_800_000),
  tests: z.array(TestResult).max(20_000),
  errors: z.array(TestError).max(100),
});
export type JobResult = z.infer<typeof JobResult>;

/** Tests that have just ended, told while the job still runs; the result repeats them. */
export const LiveTests = z.strictObject({ tests: z.array(TestResult).min(1).max(500) });

export const ResultAccepted = z.strictObject({
  job_id: Id,
  status: z.enum(['stored', 'already_stored']),
  jobs: z.array(LeasedJob),
});

export const SubmitResults = z.strictObject({
  results: z
    .array(z.strictObject({ job_id: Id, ...JobResult.shape }))
    .min(1)
    .max(100),
  next: z.int().min(0).max(100).optional(),
});

/** One status per result, in the order sent; `code` is a problem code where that result was refused. */
export const ResultsAccepted = z.strictObject({
  results: z.array(
    z.strictObject({
      job_id: Id,
      status: z.enum(['stored', 'already_stored', 'refused']),
      code: z.string().nullable(),
    }),
  ),
  jobs: z.array(LeasedJob),
});

/** `reason` says why the rest goes back: the jobs tell it while they wait, and it is not held against them. */
export const ReleaseBody = z.strictObject({ reason: z.string().max(1024).optional() });
export const Released = z.strictObject({ requeued: z.int() });
