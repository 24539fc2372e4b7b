import { expect, inject, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../server/store/postgres.ts';
import { createDatabase } from '../support/postgres.ts';
import { type Outcome, race } from './race.ts';

const url = await createDatabase(inject('postgresUrl'), 'store_race');

async function open(options: { unlocked: boolean }) {
  const store = await openPostgres(url, { connections: 8, ...options });
  onTestFinished(() => store.close());
  return store;
}

const repeats = ({ claimed }: Outcome) => claimed.length - new Set(claimed).size;
const counters = ({ groups }: Outcome) => groups.map(({ queued, active }) => ({ queued, active }));
const drained = (groups: number) => Array.from({ length: groups }, () => ({ queued: 0, active: 5 }));

test('eight workers that claim from 200 groups at once claim every job exactly once and leave right counters', async () => {
  const outcome = await race(await open({ unlocked: false }), { groups: 200, guarded: true });
  expect(outcome.claimed.sort()).toEqual(outcome.jobs.map(({ id }) => id).sort());
  expect(counters(outcome)).toEqual(drained(200));
});

test('the lock of the group alone keeps claims apart, without the guard of the version', async () => {
  const outcome = await race(await open({ unlocked: false }), { groups: 50, guarded: false });
  expect(repeats(outcome)).toBe(0);
  expect(counters(outcome)).toEqual(drained(50));
});

test('the guard of the version alone keeps claims apart, without the lock', async () => {
  const outcome = await race(await open({ unlocked: true }), { groups: 50, guarded: true });
  expect(repeats(outcome)).toBe(0);
  expect(counters(outcome)).toEqual(drained(50));
});

// without this one the three above would prove nothing: it passes 2,532 claims too many, on two cores
test('the race is a real one: with neither lock nor guard jobs are claimed twice and counters go wrong', async () => {
  const outcome = await race(await open({ unlocked: true }), { groups: 200, guarded: false });
  expect(repeats(outcome)).toBeGreaterThan(0);
  expect(counters(outcome)).not.toEqual(drained(200));
});
