import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptOutcome, TestStatus } from '../../contract/words.ts';
import { addCounts, countsOverAttempts, countTests, zeroCounts } from '../../server/domain/counts.ts';
import { aTest } from './factories.ts';

const anyTest = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom<TestStatus>('passed', 'failed', 'flaky', 'timed_out', 'skipped', 'not_run', 'interrupted'),
    retry: fc.nat(2),
  })
  .map(aTest);
const anyAttempt = fc.record({
  outcome: fc.constantFrom<AttemptOutcome>('passed', 'failed', 'infra_error', 'lost', 'crashed'),
  tests: fc.array(anyTest, { maxLength: 6 }),
});

test('every test is counted once: the buckets add up to the total, the total is the number of ids', () => {
  fc.assert(
    fc.property(fc.array(anyTest), (tests) => {
      const { total, passed, failed, flaky, skipped } = countTests(tests);
      expect(passed + failed + flaky + skipped).toBe(total);
      expect(total).toBe(new Set(tests.map(({ id }) => id)).size);
    }),
  );
});

test('each status falls into its one bucket', () => {
  const bucketOf = (status: TestStatus) => {
    const { total: _, ...buckets } = countTests([aTest({ status })]);
    return Object.entries(buckets).flatMap(([name, count]) => (count > 0 ? [name] : []));
  };
  expect(bucketOf('passed')).toEqual(['passed']);
  expect(bucketOf('flaky')).toEqual(['flaky']);
  expect(bucketOf('failed')).toEqual(['failed']);
  expect(bucketOf('timed_out')).toEqual(['failed']);
  expect(bucketOf('interrupted')).toEqual(['failed']);
  expect(bucketOf('skipped')).toEqual(['skipped']);
  expect(bucketOf('not_run')).toEqual(['skipped']);
});

test('the last retry decides, in whatever order the results arrive', () => {
  const results = [aTest({ status: 'failed', retry: 2 }), aTest({ status: 'passed', retry: 1 })];
  expect(countTests(results)).toMatchObject({ total: 1, failed: 1 });
  expect(countTests(results.toReversed())).toMatchObject({ total: 1, failed: 1 });
});

test('a test that passed only on a retry is flaky, and not passed as well', () => {
  const results = [aTest({ status: 'timed_out' }), aTest({ status: 'passed', retry: 1 })];
  expect(countTests(results)).toEqual({ total: 1, passed: 0, failed: 0, flaky: 1, skipped: 0 });
});

test('a test that was not run at first, because another failed, and then passed is not flaky', () => {
  expect(countTests([aTest({ status: 'not_run' }), aTest({ retry: 1 })])).toMatchObject({ passed: 1, flaky: 0 });
});

test('over one attempt the counts are that attempt', () => {
  fc.assert(
    fc.property(anyAttempt, (only) => {
      expect(countsOverAttempts([only])).toEqual(countTests(only.tests));
    }),
  );
});

test('a test that failed in an earlier attempt and passed in the last is flaky', () => {
  const counts = countsOverAttempts([
    { outcome: 'failed', tests: [aTest({ id: 'a', status: 'failed' }), aTest({ id: 'b' })] },
    { outcome: 'passed', tests: [aTest({ id: 'a' }), aTest({ id: 'b' })] },
  ]);
  expect(counts).toEqual({ total: 2, passed: 1, failed: 0, flaky: 1, skipped: 0 });
});

test.each(['infra_error', 'lost', 'cancelled'] as const)('a failure in a %s attempt makes no test flaky', (outcome) => {
  const counts = countsOverAttempts([
    { outcome, tests: [aTest({ status: 'failed' })] },
    { outcome: 'passed', tests: [aTest()] },
  ]);
  expect(counts).toMatchObject({ passed: 1, flaky: 0 });
});

test('an attempt that ran no test does not wipe out what the one before it found', () => {
  const counts = countsOverAttempts([
    { outcome: 'failed', tests: [aTest({ status: 'failed' })] },
    { outcome: 'lost', tests: [] },
  ]);
  expect(counts).toMatchObject({ total: 1, failed: 1 });
});

test('counts are added bucket by bucket, and nothing counts zero', () => {
  const a = { total: 10, passed: 4, failed: 3, flaky: 2, skipped: 1 };
  expect(addCounts(a, a)).toEqual({ total: 20, passed: 8, failed: 6, flaky: 4, skipped: 2 });
  expect(addCounts(a, zeroCounts())).toEqual(a);
  expect(countsOverAttempts([])).toEqual(zeroCounts());
});
