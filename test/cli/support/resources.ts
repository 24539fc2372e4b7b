import type { Attempt, Job, TestResult } from '../../../contract/job.ts';
import type { Run, RunReport, SubmitRun } from '../../../contract/run.ts';

const at = '2026-01-01T00:00:00.000Z';
const none = { total: 0, passed: 0, failed: 0, flaky: 0, skipped: 0 };

export function aJob(over: Partial<Job> = {}): Job {
  return {
    id: 'job_1',
    run_id: 'run_1',
    org_id: 'qualgent',
    app_version_id: 'xyz123',
    test_path: 'tests/onboarding.spec.js',
    target: 'emulator',
    priority: 5,
    project: null,
    devices: [],
    status: 'queued',
    conclusion: null,
    reason: null,
    reason_code: null,
    cancel_requested: false,
    carried_from: null,
    version: 1,
    created_at: at,
    started_at: null,
    completed_at: null,
    attempts: [],
    counts: none,
    ...over,
  };
}

export function anAttempt(over: Partial<Attempt> = {}): Attempt {
  return {
    number: 1,
    agent: 'lab',
    device: 'pixel-1',
    outcome: null,
    started_at: at,
    duration_ms: null,
    install: null,
    counts: none,
    errors: [],
    ...over,
  };
}

export function aTest(over: Partial<TestResult> = {}): TestResult {
  return {
    id: 't1',
    title: 'shows the total',
    title_path: ['Checkout', 'shows the total'],
    file: 'tests/checkout.spec.ts',
    line: 7,
    status: 'passed',
    retry: 0,
    duration_ms: 900,
    errors: [],
    attachments: [],
    ...over,
  };
}

export function aRun(over: Partial<Run> = {}): Run {
  const jobs = over.jobs ?? [aJob()];
  const completed = jobs.filter((job) => job.status === 'completed').length;
  return {
    id: 'run_1',
    org_id: 'qualgent',
    app_version_id: 'xyz123',
    target: 'emulator',
    priority: 5,
    project: null,
    devices: [],
    status: 'queued',
    conclusion: null,
    reason: null,
    version: 1,
    created_at: at,
    started_at: null,
    completed_at: null,
    attempt: 1,
    retry_of: null,
    counts: none,
    job_counts: { total: jobs.length, queued: jobs.length - completed, active: 0, completed },
    installs: { made: 0, avoided: 0, seconds_saved: 0 },
    awaiting_approval: false,
    github: null,
    url: 'http://127.0.0.1:8080/runs/run_1',
    check: null,
    jobs,
    ...over,
  };
}

/** The run that a submission makes, one job per test. */
export function runOf(body: SubmitRun, over: Partial<Run> = {}): Run {
  const jobs = body.tests.map((test_path, i) =>
    aJob({
      id: `job_${i + 1}`,
      test_path,
      org_id: body.org_id,
      app_version_id: body.app_version_id,
      target: body.target,
    }),
  );
  return aRun({ org_id: body.org_id, app_version_id: body.app_version_id, target: body.target, jobs, ...over });
}

/** A run that has completed, its jobs with it. */
export function completedRun(over: Partial<Run> & Pick<Run, 'conclusion'>): Run {
  const jobs = over.jobs ?? [aJob({ status: 'completed', conclusion: over.conclusion, completed_at: at, version: 9 })];
  return aRun({ status: 'completed', version: 9, completed_at: '2026-01-01T00:00:34.000Z', ...over, jobs });
}

/** The report of a run; tests by job id, of the job's last attempt. */
export function reportOf({ jobs, ...run }: Run, tests: Record<string, TestResult[]> = {}): RunReport {
  delete run.deduplicated;
  return {
    run,
    jobs: jobs.map((job) => ({
      ...job,
      attempts: (job.attempts.length > 0 ? job.attempts : [anAttempt()]).map((attempt) => ({
        ...attempt,
        tests: tests[job.id] ?? [],
      })),
    })),
  };
}
