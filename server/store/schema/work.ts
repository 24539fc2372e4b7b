import { sql } from 'drizzle-orm';
import type { TestError, TestResult } from '../../../contract/job.ts';
import type {
  AttemptOutcome,
  Conclusion,
  Counts,
  DeviceRequirement,
  GithubContext,
  JobStatus,
  Platform,
  ReasonCode,
  Reset,
  RunStatus,
  Target,
} from '../../../contract/words.ts';
import type { AttemptInstall } from '../../domain/model.ts';
import type { Columns } from '../columns.sqlite.ts';

/** What was asked for and what came of it. */
export function defineWork({ table, text, int, bool, time, json, sequence, primaryKey, index, uniqueIndex }: Columns) {
  const runs = table(
    'runs',
    {
      seq: sequence('seq'),
      id: text('id').notNull(),
      orgId: text('org_id').notNull(),
      appVersionId: text('app_version_id').notNull(),
      target: text('target').$type<Target>().notNull(),
      priority: int('priority').notNull(),
      project: text('project'),
      devices: json<DeviceRequirement[]>('devices').notNull(),
      status: text('status').$type<RunStatus>().notNull(),
      conclusion: text('conclusion').$type<Conclusion>(),
      reason: text('reason'),
      version: int('version').notNull(),
      attempt: int('attempt').notNull(),
      retryOf: text('retry_of'),
      createdAt: time('created_at').notNull(),
      startedAt: time('started_at'),
      completedAt: time('completed_at'),
      testRetries: int('test_retries').notNull(),
      infraRetries: int('infra_retries').notNull(),
      timeoutSeconds: int('timeout_seconds').notNull(),
      reset: text('reset').$type<Reset>().notNull(),
      bundleSha256: text('bundle_sha256'),
      queueTimeoutMs: int('queue_timeout_ms'),
      queueDeadlineAt: time('queue_deadline_at'),
      clientLeaseMs: int('client_lease_ms'),
      clientLeaseExpiresAt: time('client_lease_expires_at'),
      github: json<GithubContext>('github'),
      repositoryId: int('repository_id'),
      headSha: text('head_sha'),
      supersedeKey: text('supersede_key'),
      dedupeKey: text('dedupe_key'),
      rerunKey: text('rerun_key'),
      contentKey: text('content_key'),
      workflowAttempt: int('workflow_attempt'),
      awaitingApproval: bool('awaiting_approval').notNull(),
      jobsTotal: int('jobs_total').notNull(),
      jobsQueued: int('jobs_queued').notNull(),
      jobsActive: int('jobs_active').notNull(),
      installsMade: int('installs_made').notNull(),
      installsAvoided: int('installs_avoided').notNull(),
      installMsSaved: int('install_ms_saved').notNull(),
      counts: json<Counts>('counts').notNull(),
    },
    (t) => [
      uniqueIndex('runs_id').on(t.id),
      index('runs_org').on(t.orgId, t.seq),
      // these columns are emptied when a run completes, so that the indexes hold active runs only
      uniqueIndex('runs_dedupe').on(t.dedupeKey).where(sql`dedupe_key is not null`),
      index('runs_supersede').on(t.supersedeKey).where(sql`supersede_key is not null`),
      // kept when a run completes: what passed in it is carried over later
      index('runs_rerun').on(t.rerunKey, t.seq).where(sql`rerun_key is not null`),
      index('runs_content').on(t.contentKey, t.seq).where(sql`content_key is not null`),
      index('runs_retry').on(t.retryOf, t.seq).where(sql`retry_of is not null`),
      index('runs_commit').on(t.headSha, t.seq).where(sql`head_sha is not null`),
      index('runs_active').on(t.repositoryId).where(sql`status <> 'completed'`),
      index('runs_queue_deadline').on(t.queueDeadlineAt).where(sql`queue_deadline_at is not null`),
      index('runs_client_lease').on(t.clientLeaseExpiresAt).where(sql`client_lease_expires_at is not null`),
    ],
  );

  const jobs = table(
    'jobs',
    {
      seq: sequence('seq'),
      id: text('id').notNull(),
      runId: text('run_id').notNull(),
      orgId: text('org_id').notNull(),
      repositoryId: int('repository_id'),
      position: int('position').notNull(),
      groupId: text('group_id').notNull(),
      appVersionId: text('app_version_id').notNull(),
      testPath: text('test_path').notNull(),
      target: text('target').$type<Target>().notNull(),
      priority: int('priority').notNull(),
      status: text('status').$type<JobStatus>().notNull(),
      conclusion: text('conclusion').$type<Conclusion>(),
      reason: text('reason'),
      reasonCode: text('reason_code').$type<ReasonCode>(),
      cancelRequested: bool('cancel_requested').notNull(),
      carriedFrom: text('carried_from'),
      version: int('version').notNull(),
      createdAt: time('created_at').notNull(),
      enqueuedAt: time('enqueued_at').notNull(),
      /** Its place in the group's queue, least first: see rank.ts. */
      rank: int('rank').notNull(),
      estimateMs: int('estimate_ms').notNull(),
      startedAt: time('started_at'),
      completedAt: time('completed_at'),
      leaseId: text('lease_id'),
      attemptStartedAt: time('attempt_started_at'),
      attempts: int('attempts').notNull(),
      testFailures: int('test_failures').notNull(),
      infraFailures: int('infra_failures').notNull(),
      installFailures: int('install_failures').notNull(),
      timeouts: int('timeouts').notNull(),
      losses: int('losses').notNull(),
      failedOn: json<string[]>('failed_on').notNull(),
      counts: json<Counts>('counts').notNull(),
    },
    (t) => [
      uniqueIndex('jobs_id').on(t.id),
      index('jobs_run').on(t.runId),
      index('jobs_org').on(t.orgId, t.seq),
      // exactly the order a claim takes jobs in, so that a claim costs the same at a thousand and at a million waiting
      index('jobs_queue').on(t.groupId, t.rank, t.seq).where(sql`status = 'queued'`),
      index('jobs_lease').on(t.leaseId).where(sql`lease_id is not null`),
    ],
  );

  const attempts = table(
    'attempts',
    {
      jobId: text('job_id').notNull(),
      number: int('number').notNull(),
      agent: text('agent').notNull(),
      device: text('device').notNull(),
      leaseId: text('lease_id').notNull(),
      outcome: text('outcome').$type<AttemptOutcome>().notNull(),
      startedAt: time('started_at'),
      endedAt: time('ended_at').notNull(),
      durationMs: int('duration_ms').notNull(),
      install: json<AttemptInstall>('install'),
      counts: json<Counts>('counts').notNull(),
      errors: json<TestError[]>('errors').notNull(),
      tests: json<TestResult[]>('tests').notNull(),
      resultHash: text('result_hash'),
    },
    (t) => [primaryKey({ columns: [t.jobId, t.number] })],
  );

  /** What a test file takes on a class of devices: see domain/estimate. */
  const durations = table(
    'durations',
    {
      orgId: text('org_id').notNull(),
      testPath: text('test_path').notNull(),
      target: text('target').$type<Target>().notNull(),
      platform: text('platform').$type<Platform>().notNull(),
      medianMs: int('median_ms').notNull(),
      seen: int('seen').notNull(),
      passedAppVersionId: text('passed_app_version_id'),
    },
    (t) => [primaryKey({ columns: [t.orgId, t.testPath, t.target, t.platform] })],
  );

  /** What an install takes on a class of devices: see domain/estimate. */
  const installTimes = table(
    'install_times',
    {
      orgId: text('org_id').notNull(),
      /** Empty: of all versions of the organisation. */
      appVersionId: text('app_version_id').notNull(),
      target: text('target').$type<Target>().notNull(),
      medianMs: int('median_ms').notNull(),
      seen: int('seen').notNull(),
    },
    (t) => [primaryKey({ columns: [t.orgId, t.appVersionId, t.target] })],
  );

  /** Tests that were flaky lately: see domain/flakiness. */
  const flakyTests = table(
    'flaky_tests',
    {
      orgId: text('org_id').notNull(),
      testPath: text('test_path').notNull(),
      target: text('target').$type<Target>().notNull(),
      titleHash: text('title_hash').notNull(),
      titlePath: json<string[]>('title_path').notNull(),
      /** Thousandths. */
      score: int('score').notNull(),
      atAttempt: int('at_attempt').notNull(),
      seenAt: time('seen_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.orgId, t.testPath, t.target, t.titleHash] }),
      index('flaky_tests_seen').on(t.seenAt),
    ],
  );

  /** What happened inside jobs while they ran, for those who watch: `version` is the run's at that moment. */
  const events = table(
    'events',
    {
      seq: sequence('seq'),
      runId: text('run_id').notNull(),
      version: int('version').notNull(),
      type: text('type').$type<'test' | 'device'>().notNull(),
      data: json<unknown>('data').notNull(),
    },
    (t) => [index('events_run').on(t.runId, t.version)],
  );

  return { runs, jobs, attempts, durations, installTimes, flakyTests, events };
}
