import { describe, expect, test } from 'vitest';
import { missedDeliveries } from '../../server/domain/github/missed-deliveries.ts';

const minute = 60_000;
const now = 1_000 * minute;
const attempt = (id: number, guid: string, minutesAgo: number, isSuccess = false) => ({
  id,
  guid,
  deliveredAt: now - minutesAgo * minute,
  isSuccess,
});
const missed = (log: ReturnType<typeof attempt>[], received: string[] = []) =>
  missedDeliveries(log, new Set(received), now);

describe('a delivery that was missed', () => {
  test('is asked for at once, oldest first', () => {
    expect(missed([attempt(2, 'b', 1), attempt(1, 'a', 2)])).toEqual([1, 2]);
  });

  test('is asked for no more once any attempt of it arrived, or we have it', () => {
    expect(missed([attempt(2, 'a', 1, true), attempt(1, 'a', 9), attempt(3, 'b', 9)], ['b'])).toEqual([]);
  });

  test('is asked for by its latest attempt, after pauses that double', () => {
    const twice = (minutesAgo: number) => [attempt(2, 'a', minutesAgo), attempt(1, 'a', 100)];
    expect([missed(twice(4)), missed(twice(5))]).toEqual([[], [2]]);
    const often = (minutesAgo: number) => [attempt(3, 'a', minutesAgo), ...twice(50)];
    expect([missed(often(9)), missed(often(10))]).toEqual([[], [3]]);
  });
});
