import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Conclusion } from '../../contract/words.ts';
import { concludeRun } from '../../server/domain/conclusion.ts';
import { zeroCounts } from '../../server/domain/counts.ts';

const oneTest = { ...zeroCounts(), total: 1, passed: 1 };
const job = (conclusion: Conclusion, reason: string | null = null, counts = oneTest) => ({
  conclusion,
  reason,
  counts,
});
const worstFirst: Conclusion[] = [
  'failed',
  'timed_out',
  'infra_error',
  'no_tests',
  'cancelled',
  'superseded',
  'passed',
];

test('a run concludes as its worst job, in whatever order they are', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Conclusion.options), { minLength: 1 }), (conclusions) => {
      const worst = worstFirst.find((word) => conclusions.includes(word));
      expect(concludeRun(conclusions.map((word) => job(word))).conclusion).toBe(worst);
    }),
  );
});

test('a run whose jobs passed without one test concludes no_tests, never passed', () => {
  const nothing = { conclusion: 'no_tests', reason: 'The run would execute and carry over zero tests.' };
  expect(concludeRun([job('passed', null, zeroCounts())])).toEqual(nothing);
  expect(concludeRun([])).toEqual(nothing);
});

test('skipped tests are tests found', () => {
  expect(concludeRun([job('passed', null, { ...zeroCounts(), total: 1, skipped: 1 })]).conclusion).toBe('passed');
});

test('the reason says how many jobs ended so, and why the first of them did', () => {
  const jobs = [job('passed'), job('failed', null), job('failed', '1 of 3 tests failed: boom'), job('cancelled', 'x')];
  expect(concludeRun(jobs).reason).toBe('2 of 4 jobs failed: 1 of 3 tests failed: boom');
  expect(concludeRun([job('passed')]).reason).toBeNull();
});

test('a run with an open job does not conclude', () => {
  expect(() => concludeRun([{ conclusion: null, reason: null, counts: zeroCounts() }])).toThrow();
});
