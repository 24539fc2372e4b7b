import type { TestResult } from '../contract/job.ts';
import type { RunReport } from '../contract/run.ts';
import { words } from './describe.ts';

type ReportedJob = RunReport['jobs'][number];

/** Something that went wrong in a completed run, where it can be looked up. All its text is foreign. */
export interface Failure {
  job: ReportedJob;
  /** The test, and null where no test is to blame: a file that did not load, a device that was lost. */
  test: TestResult | null;
  /** Relative to the test project. */
  file: string;
  /** From 1; 0 when it is not known. */
  line: number;
  title: string;
  message: string;
}

const unwelcome = new Set(['failed', 'timed_out', 'interrupted']);

/** What went wrong in a run, in the order of its jobs: every test that failed, and where none did, what stopped the job. */
export function failuresOf({ jobs }: RunReport): Failure[] {
  return jobs.flatMap((job) => {
    if (job.conclusion === null || ['passed', 'cancelled', 'superseded'].includes(job.conclusion)) return [];
    const attempt = job.attempts.at(-1);
    const tests = lastResults(attempt?.tests ?? []).filter((test) => unwelcome.has(test.status));
    if (tests.length > 0) return tests.map((test) => testFailure(job, test));
    const errors = attempt?.errors ?? [];
    const title = words(attempt?.outcome ?? 'failed');
    if (errors.length > 0) {
      return errors.map(({ message, file = job.test_path, line = 0 }) => ({
        job,
        test: null,
        file,
        line,
        title,
        message,
      }));
    }
    return [{ job, test: null, file: job.test_path, line: 0, title: words(job.conclusion), message: job.reason ?? '' }];
  });
}

/** The runner's own retries are results of their own: the last one of each test counts. */
export function lastResults(tests: readonly TestResult[]): TestResult[] {
  return [...new Map(tests.toSorted((a, b) => a.retry - b.retry).map((test) => [test.id, test])).values()];
}

/** A test's name with the names of what it stands in. */
export function fullTitle(test: TestResult): string {
  return test.title_path.length > 0 ? test.title_path.join(' › ') : test.title;
}

function testFailure(job: ReportedJob, test: TestResult): Failure {
  const error = test.errors[0];
  const place = error?.file
    ? { file: error.file, line: error.line ?? test.line }
    : { file: test.file, line: test.line };
  return { job, test, ...place, title: fullTitle(test), message: error?.message ?? words(test.status) };
}
