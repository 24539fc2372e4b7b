import { z } from 'zod';
import { Explanation, Job, SubmitJob } from '../job.ts';
import { route } from '../route.ts';
import { Plan, RetryBody, Run, RunReport, RunSummary, SubmitRun } from '../run.ts';
import { TracePage } from '../trace.ts';
import {
  AppVersionId,
  Conclusion,
  Id,
  Instant,
  JobStatus,
  OrgId,
  PageQuery,
  page,
  RunStatus,
  Target,
  WaitQuery,
} from '../words.ts';

const byId = z.strictObject({ id: Id });

const filters = {
  ...PageQuery.shape,
  org_id: OrgId.optional(),
  conclusion: Conclusion.optional(),
  app_version_id: AppVersionId.optional(),
  target: Target.optional(),
  head_sha: z
    .string()
    .regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/)
    .optional(),
  created_after: Instant.optional(),
};

const submission = ['org_mismatch', 'limit_exceeded', 'idempotency_key_reused', 'idempotency_in_flight'] as const;

export const runRoutes = {
  submitJob: route({
    method: 'POST',
    path: '/v1/jobs',
    summary: 'Submit one spec file: a run of one job',
    tag: 'jobs',
    role: 'submit',
    body: SubmitJob,
    answers: { 201: Job, 200: Job },
    problems: submission,
  }),
  submitRun: route({
    method: 'POST',
    path: '/v1/runs',
    summary:
      'Submit spec files as one run; with carry_over, without those that passed in an earlier attempt of the workflow',
    tag: 'runs',
    role: 'submit',
    body: SubmitRun,
    answers: { 201: Run, 200: Run },
    problems: [...submission, 'blob_unknown'],
  }),
  planRun: route({
    method: 'POST',
    path: '/v1/plan',
    summary: 'What a submission would do, without submitting it',
    tag: 'runs',
    role: 'read',
    body: SubmitRun,
    answers: { 200: Plan },
    problems: ['org_mismatch'],
  }),
  listRuns: route({
    method: 'GET',
    path: '/v1/runs',
    summary: 'List runs, newest first',
    tag: 'runs',
    role: 'read',
    query: z.strictObject({ ...filters, status: RunStatus.optional() }),
    answers: { 200: page(RunSummary) },
    problems: ['org_mismatch'],
  }),
  listJobs: route({
    method: 'GET',
    path: '/v1/jobs',
    summary: 'List jobs, newest first',
    tag: 'jobs',
    role: 'read',
    query: z.strictObject({ ...filters, status: JobStatus.optional() }),
    answers: { 200: page(Job) },
    problems: ['org_mismatch'],
  }),
  exportTrace: route({
    method: 'GET',
    path: '/v1/trace',
    summary:
      'What ran, newest first, as `qgjob simulate` plays it; a page without jobs is the last only if next_cursor is null',
    tag: 'jobs',
    role: 'read',
    query: z.strictObject({ ...PageQuery.shape, org_id: OrgId.optional(), since: Instant.optional() }),
    answers: { 200: TracePage },
    problems: ['org_mismatch'],
  }),
  getRun: route({
    method: 'GET',
    path: '/v1/runs/{id}',
    summary: 'A run with its jobs; waits for a change when asked to',
    tag: 'runs',
    role: 'read',
    params: byId,
    query: WaitQuery,
    answers: { 200: Run },
    problems: ['not_found'],
  }),
  getJob: route({
    method: 'GET',
    path: '/v1/jobs/{id}',
    summary: 'A job; waits for a change when asked to',
    tag: 'jobs',
    role: 'read',
    params: byId,
    query: WaitQuery,
    answers: { 200: Job },
    problems: ['not_found'],
  }),
  runEvents: route({
    method: 'GET',
    path: '/v1/runs/{id}/events',
    summary:
      'Server-sent events run, job, test, log and device; Last-Event-ID resumes; ends when the run has completed',
    tag: 'runs',
    role: 'read',
    params: byId,
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,15}$/, 'the id of an event')
        .optional(),
    }),
    answers: { 200: 'events' },
    problems: ['not_found'],
  }),
  runReport: route({
    method: 'GET',
    path: '/v1/runs/{id}/report.json',
    summary: 'Every test of every attempt; of a job that was carried over, those of the job it stands for',
    tag: 'runs',
    role: 'read',
    params: byId,
    answers: { 200: RunReport },
    problems: ['not_found'],
  }),
  runJunit: route({
    method: 'GET',
    path: '/v1/runs/{id}/junit.xml',
    summary: 'The same as JUnit XML',
    tag: 'runs',
    role: 'read',
    params: byId,
    answers: { 200: 'text' },
    problems: ['not_found'],
  }),
  cancelRun: route({
    method: 'POST',
    path: '/v1/runs/{id}/cancel',
    summary: 'Cancel what has not completed; cancelling twice is no error',
    tag: 'runs',
    role: 'submit',
    params: byId,
    answers: { 202: Run },
    problems: ['not_found'],
  }),
  approveRun: route({
    method: 'POST',
    path: '/v1/runs/{id}/approve',
    summary: "Let a fork's commit be tested, and with it every run that waits for that; approving twice is no error",
    tag: 'runs',
    role: 'admin',
    params: byId,
    answers: { 200: Run },
    problems: ['not_found'],
  }),
  cancelJob: route({
    method: 'POST',
    path: '/v1/jobs/{id}/cancel',
    summary: 'Cancel one job; cancelling twice is no error',
    tag: 'jobs',
    role: 'submit',
    params: byId,
    answers: { 202: Job },
    problems: ['not_found'],
  }),
  retryRun: route({
    method: 'POST',
    path: '/v1/runs/{id}/retry',
    summary: 'A new run of the same jobs, or of those that did not pass, carrying over the others',
    tag: 'runs',
    role: 'submit',
    params: byId,
    body: RetryBody,
    answers: { 201: Run },
    problems: ['not_found', 'not_completed', 'nothing_to_retry', 'limit_exceeded', 'idempotency_key_reused'],
  }),
  retryJob: route({
    method: 'POST',
    path: '/v1/jobs/{id}/retry',
    summary: 'A new run of this one job',
    tag: 'jobs',
    role: 'submit',
    params: byId,
    answers: { 201: Job },
    problems: ['not_found', 'not_completed', 'limit_exceeded'],
  }),
  renewRunLease: route({
    method: 'POST',
    path: '/v1/runs/{id}/lease',
    summary: 'The client of this run still waits for it',
    tag: 'runs',
    role: 'submit',
    params: byId,
    answers: { 200: z.strictObject({ expires_in_ms: z.int().nullable() }) },
    problems: ['not_found'],
  }),
  renewJobLease: route({
    method: 'POST',
    path: '/v1/jobs/{id}/lease',
    summary: "The client of this job's run still waits for it",
    tag: 'jobs',
    role: 'submit',
    params: byId,
    answers: { 200: z.strictObject({ expires_in_ms: z.int().nullable() }) },
    problems: ['not_found'],
  }),
  jobLog: route({
    method: 'GET',
    path: '/v1/jobs/{id}/log',
    summary: "A job's log as text, its last attempt's unless told; takes Range",
    tag: 'jobs',
    role: 'read',
    params: byId,
    query: z.strictObject({
      attempt: z
        .string()
        .regex(/^\d{1,4}$/, 'a whole number')
        .transform(Number)
        .optional(),
    }),
    headers: z.object({ range: z.string().max(100).optional() }),
    answers: { 200: 'text', 206: 'text' },
    problems: ['not_found', 'range_not_satisfiable'],
  }),
  explainJob: route({
    method: 'GET',
    path: '/v1/jobs/{id}/explain',
    summary: 'Why this job waits, and for how long to expect',
    tag: 'jobs',
    role: 'read',
    params: byId,
    answers: { 200: Explanation },
    problems: ['not_found'],
  }),
};
