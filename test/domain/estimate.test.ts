import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DurationHistory, learnDuration } from '../../server/domain/estimate.ts';

const learn = (durations: readonly number[]) =>
  durations.reduce<DurationHistory | undefined>((known, ms) => learnDuration(known, ms), undefined)?.medianMs ?? 0;
const times = (n: number, ms: number) => Array.from({ length: n }, () => ms);

test('the first attempt is what is known', () => {
  expect(learnDuration(undefined, 4200)).toEqual({ medianMs: 4200, seen: 1 });
});

test('a test that always takes as long is estimated so', () => {
  expect(learn(times(20, 5000))).toBe(5000);
});

test('one attempt that hung moves the estimate by a tenth at most, however long it hung', () => {
  const usual = { medianMs: 10_000, seen: 50 };
  expect(learnDuration(usual, 3_600_000).medianMs).toBe(11_000);
  expect(learnDuration(usual, 3_600_000)).toEqual(learnDuration(usual, 40_000));
});

test('a test that became ten times longer is followed within thirty attempts', () => {
  expect(learn([...times(30, 1000), ...times(30, 10_000)])).toBe(10_000);
});

test('the estimate stays within what was ever seen', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e7 }), { minLength: 1 }), (durations) => {
      const estimate = learn(durations);
      expect(estimate).toBeGreaterThanOrEqual(Math.min(...durations));
      expect(estimate).toBeLessThanOrEqual(Math.max(...durations));
    }),
  );
});
