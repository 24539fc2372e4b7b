import type { TestResult } from '../../contract/job.ts';
import type { CheckJob, CheckView } from '../../server/domain/check/view.ts';
import { countsOverAttempts } from '../../server/domain/counts.ts';
import type { Attempt, Job, Run } from '../../server/domain/model.ts';
import { attempt as attemptRecord, noon, run } from '../support/records.ts';
import { aJob, aTest } from './factories.ts';

export const sha = 'a5c3785ed8d6a35868bc169f07e40e889087fd2e';
export const publicUrl = 'https://qgjob.example';

/** What our own Markdown links to. */
export const ownLinks = [`${publicUrl}/runs/run_`, `https://github.com/octo/shop/blob/${sha}/`];

export function aRun(over: Partial<Run> = {}): Run {
  const startedAt = noon + 30_000;
  return run({
    id: 'run_1',
    status: 'completed',
    conclusion: 'passed',
    startedAt,
    completedAt: startedAt + 125_000,
    github: { repository: 'octo/shop', repository_id: 7, head_sha: sha, project_dir: 'e2e' },
    repositoryId: 7,
    headSha: sha,
    jobsQueued: 0,
    installsMade: 1,
    installsAvoided: 2,
    installMsSaved: 65_000,
    ...over,
  });
}

/** A completed job of one attempt, with what that says of its end; anything may be told otherwise. */
export function aCheckJob(
  tests: TestResult[],
  {
    job = {},
    attempt = {},
    ...over
  }: { job?: Partial<Job>; attempt?: Partial<Attempt> } & Partial<Omit<CheckJob, 'job' | 'attempts'>> = {},
): CheckJob {
  const failed = tests.some(({ status }) => status === 'failed');
  const attempts = [attemptRecord({ outcome: failed ? 'failed' : 'passed', tests, ...attempt })];
  return {
    job: aJob({
      status: 'completed',
      conclusion: failed ? 'failed' : 'passed',
      reasonCode: failed ? 'test_failed' : null,
      leaseId: null,
      attempts: 1,
      counts: countsOverAttempts(attempts),
      ...job,
    }),
    attempts,
    holder: null,
    carriedFromRun: null,
    ...over,
  };
}

export function aFailedTest(over: Partial<TestResult> = {}): TestResult {
  return aTest({
    status: 'failed',
    errors: [{ message: 'expected 401, got 200\nat pay', file: 'tests/checkout.spec.ts', line: 14 }],
    ...over,
  });
}

/** A view of these jobs, completed as they say unless told otherwise. */
export function aView(
  jobs: CheckJob[],
  { run: runOver = {}, ...over }: { run?: Partial<Run> } & Partial<Omit<CheckView, 'run'>> = {},
): CheckView {
  const counts = countsOverAttempts([
    {
      outcome: 'passed',
      tests: jobs.flatMap(({ job, attempts }, n) =>
        (attempts.at(-1)?.tests ?? []).map((test) => ({ ...test, id: `${n} ${job.id} ${test.id}` })),
      ),
    },
  ]);
  const conclusion = jobs.find(({ job }) => job.conclusion !== 'passed')?.job.conclusion ?? 'passed';
  return {
    run: aRun({ conclusion, counts, jobsTotal: jobs.length, ...runOver }),
    jobs,
    wait: null,
    quarantined: new Set(),
    publicUrl,
    ...over,
  };
}
