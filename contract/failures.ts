import type { TestError, TestResult } from './job.ts';
import { plainText } from './markdown.ts';
import type { RunReport } from './run.ts';
import type { AttemptOutcome, Conclusion, ReasonCode } from './words.ts';

/** What of a job tells how it went wrong. */
export interface EndedJob {
  test_path: string;
  conclusion: Conclusion | null;
  reason: string | null;
  reason_code: ReasonCode | null;
  attempts: readonly { outcome: AttemptOutcome | null; errors: readonly TestError[]; tests: readonly TestResult[] }[];
}

/** Something that went wrong in a run, where it can be looked up. All its text is foreign. */
export interface Failure<Job extends EndedJob = RunReport['jobs'][number]> {
  job: Job;
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
export function failuresOf<Job extends EndedJob>({ jobs }: { jobs: readonly Job[] }): Failure<Job>[] {
  return jobs.flatMap((job): Failure<Job>[] => {
    if (job.conclusion === null || ['passed', 'cancelled', 'superseded'].includes(job.conclusion)) return [];
    const attempt = job.attempts.at(-1);
    const tests = lastResults(attempt?.tests ?? []).filter((test) => unwelcome.has(test.status));
    if (tests.length > 0) return tests.map((test) => failureOfTest(job, test));
    const errors = attempt?.errors ?? [];
    const title = spaced(attempt?.outcome ?? 'failed');
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
    const whole = { test: null, file: job.test_path, line: 0, title: spaced(job.conclusion) };
    return [{ job, ...whole, message: job.reason ?? '' }];
  });
}

/** A test that failed, as a failure of its job. */
export function failureOfTest<Job extends EndedJob>(job: Job, test: TestResult): Failure<Job> {
  const error = test.errors[0];
  const place = error?.file
    ? { file: error.file, line: error.line ?? test.line }
    : { file: test.file, line: test.line };
  return { job, test, ...place, title: fullTitle(test), message: error?.message ?? spaced(test.status) };
}

const withoutDevice: ReadonlySet<ReasonCode | null> = new Set(['queue_timeout', 'no_compatible_device']);

/** Whether the devices, the queue or the network failed, rather than a test. */
export function isInfrastructure({ job }: Failure<EndedJob>): boolean {
  return job.conclusion === 'infra_error' || withoutDevice.has(job.reason_code);
}

/** The first failure of each cause, then the second of each, and so on. A cause is told by a message's first line. */
export function mostDifferent<F extends { message: string }>(failures: readonly F[]): F[] {
  const seen = new Map<string, number>();
  const ranked = failures.map((failure) => {
    // a message may be 64 KiB; what tells causes apart stands at its beginning
    const cause = plainText(failure.message.slice(0, 300)).trim().split('\n', 1)[0] ?? '';
    const rank = seen.get(cause) ?? 0;
    seen.set(cause, rank + 1);
    return { failure, rank };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ failure }) => failure);
}

/** Places where a failure may be looked for, most telling first: what the test's errors say, the test, its file. */
export function placesOf({ test, file, line, job }: Failure<EndedJob>): { file: string; line: number }[] {
  return [
    ...(test?.errors ?? []).flatMap(({ file, line = 0 }) => (file === undefined ? [] : [{ file, line }])),
    { file, line },
    ...(test ? [{ file: test.file, line: test.line }] : []),
    { file: job.test_path, line: 0 },
  ];
}

/** The last result of each test: the highest retry, and of the same retry the one reported last. */
export function lastResults(tests: readonly TestResult[]): TestResult[] {
  const last = new Map<string, TestResult>();
  for (const test of tests) {
    const known = last.get(test.id);
    if (!known || test.retry >= known.retry) last.set(test.id, test);
  }
  return [...last.values()];
}

/** A test's name with the names of what it stands in. */
export function fullTitle(test: Pick<TestResult, 'title' | 'title_path'>): string {
  return test.title_path.filter((part) => part !== '').join(' › ') || test.title;
}

function spaced(word: string): string {
  return word.replaceAll('_', ' ');
}
