import { lastResults } from '../../contract/failures.ts';
import type { TestResult } from '../../contract/job.ts';
import type { AttemptOutcome, Counts, TestStatus } from '../../contract/words.ts';
import type { Attempt } from './model.ts';

type Bucket = Exclude<keyof Counts, 'total'>;

const buckets = {
  passed: 'passed',
  flaky: 'flaky',
  failed: 'failed',
  timed_out: 'failed',
  interrupted: 'failed',
  skipped: 'skipped',
  not_run: 'skipped',
} as const satisfies Record<TestStatus, Bucket>;

/** Failures under these outcomes say nothing about the test, so a later pass does not make it flaky. */
const notTheTestsFault: ReadonlySet<AttemptOutcome> = new Set(['infra_error', 'lost', 'cancelled']);

/** Counts of nothing. */
export function zeroCounts(): Counts {
  return { total: 0, passed: 0, failed: 0, flaky: 0, skipped: 0 };
}

/** Both together. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    total: a.total + b.total,
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    flaky: a.flaky + b.flaky,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * Counts the tests of one attempt, each in exactly one bucket, so that total = passed + failed + flaky + skipped. The last
 * retry of a test decides; one that passed only then, after a failure, is flaky. Timed out and interrupted count as
 * failed, not run as skipped.
 */
export function countTests(tests: readonly TestResult[]): Counts {
  return tally(verdicts(tests));
}

/**
 * Counts a job over its attempts, in their order. The last attempt that ran any test decides (one that ran none says
 * nothing about them); a test that failed in an earlier attempt and passed in that one is flaky, unless the earlier
 * attempt ended for a reason that is not the test's.
 */
export function countsOverAttempts(attempts: readonly Pick<Attempt, 'tests' | 'outcome'>[]): Counts {
  return tally(verdictsOverAttempts(attempts));
}

/** The last results of the tests that `countsOverAttempts` counts as flaky. */
export function flakyTests(attempts: readonly Pick<Attempt, 'tests' | 'outcome'>[]): TestResult[] {
  const final = verdictsOverAttempts(attempts);
  const decisive = attempts.findLast((attempt) => attempt.tests.length > 0);
  return lastResults(decisive?.tests ?? []).filter((test) => final.get(test.id) === 'flaky');
}

function verdictsOverAttempts(attempts: readonly Pick<Attempt, 'tests' | 'outcome'>[]): Map<string, Bucket> {
  const last = attempts.findLastIndex((attempt) => attempt.tests.length > 0);
  const decisive = attempts[last];
  if (!decisive) return new Map();
  const failedBefore = new Set(
    attempts
      .slice(0, last)
      .filter((attempt) => !notTheTestsFault.has(attempt.outcome))
      .flatMap((attempt) => attempt.tests.filter((test) => buckets[test.status] === 'failed').map((test) => test.id)),
  );
  const final = verdicts(decisive.tests);
  for (const [id, bucket] of final) if (bucket === 'passed' && failedBefore.has(id)) final.set(id, 'flaky');
  return final;
}

/** Whether this result counts among the failed. */
export function isFailure(test: Pick<TestResult, 'status'>): boolean {
  return buckets[test.status] === 'failed';
}

function verdicts(tests: readonly TestResult[]): Map<string, Bucket> {
  const failedOnce = new Set(tests.filter(isFailure).map((test) => test.id));
  return new Map(
    lastResults(tests).map(({ id, status }) => {
      const bucket = buckets[status];
      return [id, bucket === 'passed' && failedOnce.has(id) ? 'flaky' : bucket];
    }),
  );
}

function tally(verdicts: ReadonlyMap<string, Bucket>): Counts {
  const counts = zeroCounts();
  for (const bucket of verdicts.values()) {
    counts[bucket]++;
    counts.total++;
  }
  return counts;
}
