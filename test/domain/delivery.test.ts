import { expect, test } from 'vitest';
import { afterFailure, afterRepeat, afterSuccess, type Delivery } from '../../server/domain/github/delivery.ts';

const fresh: Delivery = {
  host: 'github.com',
  guid: 'g',
  event: 'pull_request',
  action: 'closed',
  installationId: null,
  payload: null,
  status: 'pending',
  attempts: 0,
  nextAttemptAt: 0,
  receivedAt: 0,
  processedAt: null,
  note: null,
};

test('a delivery that cannot be handled is tried again for more than an hour and a half, then kept as failed', () => {
  let delivery = fresh;
  let now = 0;
  const pauses: number[] = [];
  while (delivery.status === 'pending') {
    delivery = afterFailure(delivery, 'GitHub is down', null, now);
    if (delivery.status === 'pending') pauses.push(delivery.nextAttemptAt - now);
    now = delivery.nextAttemptAt;
  }
  expect(pauses.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
  expect(Math.max(...pauses)).toBe(600_000);
  expect(pauses.reduce((a, b) => a + b)).toBeGreaterThan(90 * 60_000);
  expect(delivery).toMatchObject({ status: 'failed', attempts: 17, note: 'GitHub is down', processedAt: now });
});

test("GitHub's own wish to wait longer is granted", () => {
  expect(afterFailure(fresh, '', 3_600_000, 1).nextAttemptAt).toBe(3_600_001);
  expect(afterFailure(fresh, '', 1, 1).nextAttemptAt).toBe(5_001);
});

test('one that is dealt with says whether there was anything to do', () => {
  expect(afterSuccess(fresh, null, 5)).toMatchObject({ status: 'done', processedAt: 5, note: null });
  expect(afterSuccess(fresh, 'nothing', 5)).toMatchObject({ status: 'ignored', note: 'nothing' });
});

test('only a failed one gets another life when it comes again', () => {
  const again = { ...fresh, receivedAt: 9 };
  for (const status of ['pending', 'done', 'ignored'] as const)
    expect(afterRepeat({ ...fresh, status }, again)).toBeNull();
  expect(afterRepeat({ ...fresh, status: 'failed', attempts: 17 }, again)).toEqual(again);
});
