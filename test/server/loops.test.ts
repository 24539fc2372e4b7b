import { expect, test } from 'vitest';
import { startLoop } from '../../server/loops.ts';

test('rounds never overlap, however long one takes', async () => {
  let inside = 0;
  let most = 0;
  const rounds: PromiseWithResolvers<void>[] = [];
  const loop = startLoop(
    async () => {
      most = Math.max(most, ++inside);
      const round = Promise.withResolvers<void>();
      rounds.push(round);
      await round.promise;
      inside--;
    },
    1,
    () => {},
  );
  await expect.poll(() => rounds.length).toBe(1);
  rounds[0]?.resolve();
  await expect.poll(() => rounds.length).toBe(2);
  rounds[1]?.resolve();
  await loop.stop();
  expect(most).toBe(1);
});

test('a failed round is told, and the next comes', async () => {
  const told: unknown[] = [];
  let rounds = 0;
  const loop = startLoop(
    async () => {
      if (++rounds === 1) throw new Error('once');
    },
    1,
    (error) => told.push(error),
  );
  await expect.poll(() => rounds).toBeGreaterThan(1);
  await loop.stop();
  expect(told).toEqual([new Error('once')]);
});

test('stopping waits for the round that runs, and no other begins', async () => {
  const round = Promise.withResolvers<void>();
  let rounds = 0;
  let ended = false;
  const loop = startLoop(
    async () => {
      rounds++;
      await round.promise;
      ended = true;
    },
    1,
    () => {},
  );
  await expect.poll(() => rounds).toBe(1);
  const stopped = loop.stop();
  round.resolve();
  await stopped;
  expect({ rounds, ended }).toEqual({ rounds: 1, ended: true });
});
