import { z } from 'zod';
import { Attempt, Job, TestResult } from './job.ts';
import {
  AppVersionId,
  Conclusion,
  Counts,
  DeviceRequirement,
  GithubContext,
  Id,
  Instant,
  line,
  OrgId,
  Platform,
  Priority,
  Reset,
  RunStatus,
  Sha256,
  Target,
  TestPath,
} from './words.ts';

/** Retry budgets: how many further attempts a job gets after a failed test, and after an infrastructure failure. */
export const Retries = z.strictObject({
  test: z.int().min(0).max(10).optional(),
  infra: z.int().min(0).max(10).optional(),
});

const submitRun = z.strictObject({
  org_id: OrgId,
  app_version_id: AppVersionId,
  target: Target,
  tests: z.array(TestPath).min(1).max(5000),
  priority: Priority.optional(),
  project: line(128).optional(),
  devices: z.array(DeviceRequirement).max(16).optional(),
  retries: Retries.optional(),
  /** One job's limit, from the start of its runner. */
  timeout_seconds: z.int().min(1).max(86_400).optional(),
  /** A job that no device has taken by then completes as `timed_out`. */
  queue_timeout_seconds: z.int().min(1).max(604_800).optional(),
  reset: Reset.optional(),
  bundle: z.strictObject({ sha256: Sha256 }).optional(),
  /** Cancels active runs of the same repository, pull request or ref, check name and target. */
  supersede: z.boolean().optional(),
  /** The run is cancelled when its client has not renewed its lease for this long. */
  client_lease_seconds: z.int().min(5).max(86_400).optional(),
  github: GithubContext.optional(),
  /**
   * These tests do more than look at the app: in a merge queue they run again even where byte-identical app and tests passed
   * before.
   */
  side_effects: z.boolean().optional(),
  dedupe: z.boolean().optional(),
  /**
   * Jobs that passed in an earlier attempt of the same workflow run's step stand in this run as they are, if nothing that
   * makes their result has changed; the others are run.
   */
  carry_over: z.boolean().optional(),
});

const neededToCarryOver = ['repository_id', 'run_id', 'run_attempt'] as const;
const neededToApprove = ['repository_id', 'head_sha'] as const;

export const SubmitRun = submitRun.superRefine(({ carry_over, github }, context) => {
  const need = (names: readonly (keyof GithubContext)[], message: string) => {
    for (const name of names.filter((name) => github?.[name] === undefined)) {
      context.addIssue({ code: 'custom', path: ['github', name], message });
    }
  };
  if (carry_over)
    need(neededToCarryOver, 'is needed with carry_over, to find the earlier attempt: send it, or leave carry_over out');
  if (github?.from_fork) need(neededToApprove, 'is needed with from_fork, so that a maintainer can approve the commit');
});
export type SubmitRun = z.infer<typeof SubmitRun>;

/** The install ledger of a run: installs made, installs its grouping avoided, and the time that saved. */
export const Installs = z.strictObject({
  made: z.int().min(0),
  avoided: z.int().min(0),
  seconds_saved: z.number().min(0),
});
export type Installs = z.infer<typeof Installs>;

/** A run without its jobs, as lists show it. */
export const RunSummary = z.strictObject({
  id: Id,
  org_id: OrgId,
  app_version_id: AppVersionId,
  target: Target,
  priority: Priority,
  project: z.string().nullable(),
  devices: z.array(DeviceRequirement),
  status: RunStatus,
  conclusion: Conclusion.nullable(),
  reason: z.string().nullable(),
  version: z.int(),
  created_at: Instant,
  started_at: Instant.nullable(),
  completed_at: Instant.nullable(),
  /** 1 for a submission; one more for each retry of it. */
  attempt: z.int().min(1),
  retry_of: Id.nullable(),
  counts: Counts,
  job_counts: z.strictObject({
    total: z.int(),
    queued: z.int(),
    active: z.int(),
    completed: z.int(),
  }),
  installs: Installs,
  /** The commit is a fork's: nothing of it runs until a maintainer comments `/qgjob run` on its pull request. */
  awaiting_approval: z.boolean(),
  github: GithubContext.nullable(),
  url: z.string(),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** Where the results are on GitHub, or why they are not; null where the submission names no commit. */
const RunCheck = z
  .strictObject({
    /** `unpostable`: the App may not write there, or there is none; the run itself is not touched by it. */
    status: z.enum(['pending', 'posted', 'unpostable', 'failed']),
    url: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .nullable();
export type RunCheck = z.infer<typeof RunCheck>;

export const Run = z.strictObject({
  ...RunSummary.shape,
  check: RunCheck,
  jobs: z.array(Job),
  deduplicated: z.boolean().optional(),
});
export type Run = z.infer<typeof Run>;

/** Everything known of a run: every test of every attempt of every job. */
export const RunReport = z.strictObject({
  run: z.strictObject({ ...RunSummary.shape, check: RunCheck }),
  jobs: z.array(
    z.strictObject({
      ...Job.omit({ attempts: true }).shape,
      attempts: z.array(z.strictObject({ ...Attempt.shape, tests: z.array(TestResult) })),
    }),
  ),
});
export type RunReport = z.infer<typeof RunReport>;

/** What a submission would cost: its groups, the devices that could take each, and the installs to expect. */
export const Plan = z.strictObject({
  jobs: z.int(),
  predicted_installs: z.int(),
  predicted_minutes: z.number().nullable(),
  groups: z.array(
    z.strictObject({
      org_id: OrgId,
      app_version_id: AppVersionId,
      target: Target,
      devices: z.array(DeviceRequirement),
      jobs: z.int(),
      compatible_devices: z.array(z.strictObject({ agent: z.string(), device: z.string(), installed: z.boolean() })),
      predicted_installs: z.int(),
      predicted_minutes: z.number().nullable(),
    }),
  ),
  warnings: z.array(z.string()),
});
export type Plan = z.infer<typeof Plan>;

export const RetryBody = z.strictObject({ only_failed: z.boolean().optional() });

export const AppVersion = z.strictObject({
  org_id: OrgId,
  app_version_id: AppVersionId,
  sha256: Sha256,
  platform: Platform,
  file_name: line(255),
  size_bytes: z.int(),
  created_at: Instant,
});
export type AppVersion = z.infer<typeof AppVersion>;

export const RegisterAppVersion = z.strictObject({
  org_id: OrgId,
  sha256: Sha256,
  platform: Platform,
  file_name: line(255),
});
