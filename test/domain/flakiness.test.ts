import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Flakiness, flakyRateOf, flakyText, learnFlaky } from '../../server/domain/flakiness.ts';

/** The rate after so many attempts of which every n-th was flaky. */
function rateOf(attempts: number, every: number): number {
  let known: Flakiness | undefined;
  for (let n = 1; n <= attempts; n++) if (n % every === 0) known = learnFlaky(known, n);
  return flakyRateOf(known, attempts);
}

test('a test that is flaky in every n-th attempt has about that rate, and no rate is over one', () => {
  expect(rateOf(1000, 1)).toBeCloseTo(1, 5);
  expect(rateOf(1000, 10)).toBeGreaterThan(0.08);
  expect(rateOf(1000, 10)).toBeLessThan(0.13);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20 }), (n, k) => rateOf(n, k) <= 1),
  );
});

test('a rate fades while the test is not flaky, without anything being written', () => {
  const known = learnFlaky(undefined, 10);
  expect(flakyRateOf(known, 10)).toBeGreaterThan(flakyRateOf(known, 60));
  expect(flakyRateOf(known, 500)).toBeLessThan(0.001);
  expect(flakyRateOf(undefined, 10)).toBe(0);
});

test('a rate is told in whole per cent, at least one', () => {
  expect([flakyText(0.042), flakyText(0.001), flakyText(null)]).toEqual([
    'in 4 % of its latest runs',
    'in 1 % of its latest runs',
    '',
  ]);
});
