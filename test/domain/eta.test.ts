import { expect, test } from 'vitest';
import { type EtaInput, remainingMs, startsInMs } from '../../server/domain/explain/eta.ts';
import type { Group } from '../../server/domain/model.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { aDevice, aGroup, aJob } from './factories.ts';

const now = 10_000_000;
const installMs = 45_000;
const mine = aGroup({ id: 'mine', appVersionId: '2.0', installMs, headEnqueuedAt: now - 60_000 });
const job = aJob({ id: 'asked', groupId: 'mine', enqueuedAt: now - 60_000 });

function startsIn(
  groups: Group[],
  { ahead = 0, busyMs = [0], orgs = new Map() }: Partial<Pick<EtaInput, 'ahead' | 'orgs'>> & { busyMs?: number[] } = {},
) {
  const workers = busyMs.map((freeInMs, n) => ({
    device: aDevice({ id: `d${n}` }),
    orgId: null,
    serves: freeInMs > 0 ? { id: 'other', orgId: 'acme', appVersionId: '1.0' } : null,
    freeInMs,
  }));
  return startsInMs({ job, groups, workers, ahead, orgs, policy: defaultPolicy, now });
}

test('with a free device and nothing ahead a job starts after its install', () => {
  expect(startsIn([mine])).toBe(installMs);
});

test('with a busy device it starts once that is done, and with no device never', () => {
  expect(startsIn([mine], { busyMs: [30_000] })).toBe(30_000 + installMs);
  expect(startsIn([mine], { busyMs: [] })).toBeNull();
});

test('jobs of its own group before it take their time, on as many devices as the group is worth', () => {
  const long = { ...mine, queued: 11, workMs: 11 * 60_000 };
  expect(startsIn([long], { ahead: 10 })).toBe(installMs + 10 * 60_000);
  expect(startsIn([long], { ahead: 10, busyMs: [0, 0] })).toBe(installMs + 5 * 60_000);
});

test('a million jobs before it, and a thousand groups, are played in pieces and come to the same time', () => {
  const million = { ...mine, queued: 1_000_001, workMs: 1_000_001 * 60_000 };
  const minutes = (startsIn([million], { ahead: 1_000_000 }) ?? 0) / 60_000;
  expect(Math.abs(minutes - 1_000_000)).toBeLessThan(2);
  const groups = Array.from({ length: 1000 }, (_, n) =>
    aGroup({ id: `g${n}`, appVersionId: `v${n}`, installMs, headEnqueuedAt: now - 600_000 + n }),
  );
  const all = 1000 * (installMs + 60_000);
  const told = startsIn([...groups, mine]) ?? 0;
  expect(told).toBeGreaterThan(0.5 * all);
  expect(told).toBeLessThan(1.1 * all);
});

test('a job that takes longer than expected is taken to need a quarter more', () => {
  expect(remainingMs(60_000, 20_000)).toBe(40_000);
  expect(remainingMs(60_000, 300_000)).toBe(15_000);
});

test('an organisation that is behind, or may hold no more, is not passed over by one that is', () => {
  const standing = (usageMs: number, room = Number.POSITIVE_INFINITY) => ({ usageMs, weight: 1, room });
  const theirs = aGroup({
    id: 'theirs',
    orgId: 'zeta',
    appVersionId: '2.0',
    queued: 1,
    workMs: 600_000,
    headEnqueuedAt: now - 1000,
  });
  const level = new Map([
    ['acme', standing(0)],
    ['zeta', standing(0)],
  ]);
  expect(startsIn([mine, theirs], { orgs: level })).toBe(installMs);
  const ahead = new Map([
    ['acme', standing(360_000_000)],
    ['zeta', standing(0)],
  ]);
  expect(startsIn([mine, theirs], { orgs: ahead })).toBeGreaterThan(600_000);
  expect(startsIn([mine], { orgs: new Map([['acme', standing(0, 0)]]) })).toBeNull();
});
