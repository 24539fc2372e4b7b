import { z } from 'zod';
import {
  AppVersionId,
  AttemptOutcome,
  Conclusion,
  Counts,
  DeviceRequirement,
  Id,
  InstallResult,
  Instant,
  JobStatus,
  line,
  OrgId,
  Priority,
  ReasonCode,
  Target,
  TestPath,
  TestStatus,
} from './words.ts';

/** What went wrong, and where, as the runner said it. `file` is relative to the project. */
export const TestError = z.strictObject({
  message: z.string().max(65_536),
  file: z.string().max(1024).optional(),
  line: z.int().min(1).optional(),
  snippet: z.string().max(16_384).optional(),
});
export type TestError = z.infer<typeof TestError>;

export const Attachment = z.strictObject({
  name: line(255),
  content_type: line(255),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Attachment = z.infer<typeof Attachment>;

/** One result of one test. `retry` counts the runner's own retries within the attempt, from 0. */
export const TestResult = z.strictObject({
  id: line(255),
  title: z.string().max(4096),
  title_path: z.array(z.string().max(4096)).max(32),
  file: z.string().max(1024),
  line: z.int().min(0),
  status: TestStatus,
  retry: z.int().min(0).max(100),
  duration_ms: z.number().min(0),
  errors: z.array(TestError).max(32),
  attachments: z.array(Attachment).max(64),
});
export type TestResult = z.infer<typeof TestResult>;

/** What an attempt's device did about the app: made an install, or found the right bytes there already. */
export const AttemptInstall = z.strictObject({
  result: InstallResult,
  duration_ms: z.number().min(0),
  reason: z.string().nullable(),
});

export const Attempt = z.strictObject({
  number: z.int().min(1),
  agent: z.string(),
  device: z.string(),
  outcome: AttemptOutcome.nullable(),
  started_at: Instant.nullable(),
  duration_ms: z.number().nullable(),
  install: AttemptInstall.nullable(),
  counts: Counts,
  errors: z.array(TestError),
});
export type Attempt = z.infer<typeof Attempt>;

export const Job = z.strictObject({
  id: Id,
  run_id: Id,
  org_id: OrgId,
  app_version_id: AppVersionId,
  test_path: z.string(),
  target: Target,
  priority: Priority,
  project: z.string().nullable(),
  devices: z.array(DeviceRequirement),
  status: JobStatus,
  conclusion: Conclusion.nullable(),
  reason: z.string().nullable(),
  reason_code: ReasonCode.nullable(),
  /** A cancellation was asked for and the agent has not stopped yet. */
  cancel_requested: z.boolean(),
  /** The job of an earlier run that passed and was not run again, where this one stands for it. */
  carried_from: Id.nullable(),
  version: z.int(),
  created_at: Instant,
  started_at: Instant.nullable(),
  completed_at: Instant.nullable(),
  attempts: z.array(Attempt),
  counts: Counts,
  /** True on the answer to a submission that was identical to this still active one. */
  deduplicated: z.boolean().optional(),
});
export type Job = z.infer<typeof Job>;

/** The brief's payload: one spec file. */
export const SubmitJob = z.strictObject({
  org_id: OrgId,
  app_version_id: AppVersionId,
  test_path: TestPath,
  priority: Priority.optional(),
  target: Target,
  dedupe: z.boolean().optional(),
});
export type SubmitJob = z.infer<typeof SubmitJob>;

/** Why a job waits, as one sentence and as the numbers behind it. */
export const Explanation = z.strictObject({
  job_id: Id,
  status: JobStatus,
  summary: z.string(),
  waiting_seconds: z.number(),
  groups_ahead: z.int(),
  jobs_ahead: z.int(),
  devices: z.strictObject({
    registered: z.int(),
    online: z.int(),
    compatible: z.int(),
    free: z.int(),
    with_app_installed: z.int(),
  }),
  /** Devices that fit, the soonest free first, at most 20. */
  candidates: z.array(
    z.strictObject({
      agent: z.string(),
      device: z.string(),
      state: z.enum(['free', 'busy', 'set_aside', 'unavailable']),
      /** Until it should be done with what it is at; null where it takes no jobs. */
      free_in_seconds: z.number().nullable(),
      /** Why it takes no jobs, since when, and what would help; null while it takes some. */
      rest: z.strictObject({ reason: z.string(), since: Instant.nullable(), help: z.string() }).nullable(),
      /** The job failed on it, and goes there again only when no other is left. */
      failed_here: z.boolean(),
    }),
  ),
  /** Until it starts: what waits now, played through the scheduler. Null when that cannot be told. */
  eta_seconds: z.number().nullable(),
  suggestions: z.array(z.string()),
});
export type Explanation = z.infer<typeof Explanation>;
