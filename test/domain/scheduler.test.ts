import { describe, expect, test } from 'vitest';
import type { Device, Group } from '../../server/domain/model.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { advanceStreak, chooseGroup, mayContinue, type OrgUse } from '../../server/domain/scheduler.ts';
import { aDevice, aGroup } from './factories.ts';

const now = 1_000_000;
const a = aGroup({ id: 'a', appVersionId: 'A', headEnqueuedAt: 10 });
const b = aGroup({ id: 'b', appVersionId: 'B', headEnqueuedAt: 20 });
const app = (appVersionId: string, orgId = 'acme') => ({ org_id: orgId, app_version_id: appVersionId, sha256: null });
const use = (over: Partial<OrgUse> = {}): OrgUse => ({
  usageMs: 0,
  activeLeases: 0,
  weight: 1,
  atLimit: false,
  ...over,
});
const spent = { streakGroupId: 'b', streakStartedAt: now - 1, streakJobs: defaultPolicy.maxGroupJobs };

function choose(
  groups: Group[],
  {
    device = {},
    orgs = {},
    served = [],
  }: { device?: Partial<Device>; orgs?: Record<string, OrgUse>; served?: string[] } = {},
): string | undefined {
  const choice = chooseGroup({
    device: aDevice(device),
    groups,
    orgs: new Map(Object.entries(orgs)),
    servedGroups: new Set(served),
    policy: defaultPolicy,
    now,
  });
  return choice?.group.id;
}

describe('an idle device', () => {
  test('takes nothing when no waiting group fits it', () => {
    const ios = aGroup({ devices: [{ platform: 'ios' }] });
    expect(choose([ios, aGroup({ target: 'device' }), aGroup({ queued: 0 })])).toBeUndefined();
  });

  test('takes the group that waited longest, and of two that waited as long always the same', () => {
    expect(choose([b, a])).toBe('a');
    const twin = { ...a, id: 'aa' };
    expect(choose([twin, a])).toBe(choose([a, twin]));
  });

  test('takes higher priority before age within an organisation', () => {
    expect(choose([a, { ...b, headPriority: 6 }])).toBe('b');
  });

  test('does not let priority decide between organisations', () => {
    const urgent = aGroup({ id: 'c', orgId: 'other', headPriority: 9, headEnqueuedAt: 30 });
    expect(choose([a, urgent])).toBe('a');
  });

  test('leaves a group that another device serves for one that none does', () => {
    expect(choose([a, b], { served: ['a'] })).toBe('b');
  });

  test('joins a group that is served when no other waits', () => {
    expect(choose([a], { served: ['a'] })).toBe('a');
  });

  test('serves the organisation that has used least, by its weight, counting what it uses now', () => {
    const mine = aGroup({ id: 'mine', headEnqueuedAt: 1 });
    const other = aGroup({ id: 'other', orgId: 'other', headEnqueuedAt: 2 });
    const pick = (acme: Partial<OrgUse>) => choose([mine, other], { orgs: { acme: use(acme), other: use() } });
    expect(pick({ usageMs: defaultPolicy.usageToleranceMs })).toBe('other');
    expect(pick({ usageMs: defaultPolicy.usageToleranceMs, weight: 2 })).toBe('mine');
    expect(pick({ activeLeases: 1 })).toBe('other');
  });

  test('takes organisations whose use hardly differs for level', () => {
    const mine = aGroup({ id: 'mine', headEnqueuedAt: 1 });
    const other = aGroup({ id: 'other', orgId: 'other', headEnqueuedAt: 2 });
    const orgs = { acme: use({ usageMs: defaultPolicy.usageToleranceMs - 1 }), other: use() };
    expect(choose([mine, other], { orgs })).toBe('mine');
  });

  test('takes nothing of an organisation at its limit, not even with its app installed', () => {
    const orgs = { acme: use({ atLimit: true }) };
    expect(choose([a], { orgs })).toBeUndefined();
    expect(choose([a], { orgs, device: { installed: app('A') } })).toBeUndefined();
  });
});

describe('a device with an app version installed', () => {
  const urgent = { ...a, headPriority: 9 };

  test('stays on it while it has work, before priority, age and fair shares', () => {
    expect(choose([urgent, b], { device: { installed: app('B') } })).toBe('b');
    const other = aGroup({ id: 'o', orgId: 'other' });
    expect(choose([other, b], { device: { installed: app('B') }, orgs: { acme: use({ usageMs: 1e9 }) } })).toBe('b');
  });

  test('takes the best of several groups of that version', () => {
    const sibling = { ...b, id: 'b2', headPriority: 7 };
    expect(choose([a, b, sibling], { device: { installed: app('B') } })).toBe('b2');
  });

  test('does not take the same version id of another organisation for its own', () => {
    const foreign = aGroup({ id: 'f', orgId: 'other', appVersionId: 'B', headEnqueuedAt: 5 });
    expect(choose([foreign, b], { device: { installed: app('B') } })).toBe('b');
  });

  test('yields after maxGroupJobs jobs, or after maxGroupMs, when a group waits that nobody serves', () => {
    const long = { ...spent, streakJobs: 1, streakStartedAt: now - defaultPolicy.maxGroupMs };
    expect(choose([a, b], { device: { installed: app('B'), ...spent } })).toBe('a');
    expect(choose([a, b], { device: { installed: app('B'), ...long } })).toBe('a');
    expect(choose([a, b], { device: { installed: app('B'), ...spent, streakJobs: spent.streakJobs - 1 } })).toBe('b');
  });

  test('does not yield to a group that another device serves already', () => {
    expect(choose([a, b], { device: { installed: app('B'), ...spent }, served: ['a'] })).toBe('b');
  });

  test('does not yield to a group it does not fit', () => {
    const ios = { ...a, devices: [{ platform: 'ios' as const }] };
    expect(choose([ios, b], { device: { installed: app('B'), ...spent } })).toBe('b');
  });

  test('yields to another version, not to another group of the one it leaves', () => {
    const sibling = { ...b, id: 'b2', headPriority: 9 };
    expect(choose([a, b, sibling], { device: { installed: app('B'), ...spent } })).toBe('a');
  });
});

test('a device that tells of no installed app stays on the group it drained last', () => {
  expect(choose([a, b], { device: { streakGroupId: 'b', streakStartedAt: now, streakJobs: 1 } })).toBe('b');
});

describe('a lease', () => {
  const goesOn = (device: Partial<Device>, others: Group[], served: string[] = []) =>
    mayContinue({
      device: aDevice({ installed: app('B'), ...device }),
      group: b,
      others,
      servedGroups: new Set(served),
      policy: defaultPolicy,
      now,
    });

  test('goes on until the streak is spent, whoever waits', () => {
    expect(goesOn({ ...spent, streakJobs: spent.streakJobs - 1 }, [a])).toBe(true);
    expect(goesOn(spent, [a])).toBe(false);
  });

  test('goes on beyond that while nothing else waits that the device fits and nobody serves', () => {
    expect(goesOn(spent, [])).toBe(true);
    expect(goesOn(spent, [b])).toBe(true);
    expect(goesOn(spent, [{ ...a, queued: 0 }])).toBe(true);
    expect(goesOn(spent, [{ ...a, target: 'device' }])).toBe(true);
    expect(goesOn(spent, [a], ['a'])).toBe(true);
  });
});

describe('a streak', () => {
  test('goes on over two groups of one version, so that they cannot take turns for ever', () => {
    const device = aDevice({ installed: app('B'), streakGroupId: 'b', streakStartedAt: 5, streakJobs: 3 });
    expect(advanceStreak(device, { ...b, id: 'b2' }, 2, now)).toEqual({
      streakGroupId: 'b2',
      streakStartedAt: 5,
      streakJobs: 5,
    });
  });

  test('goes on in its group though the install has not been told yet', () => {
    const device = aDevice({ installed: app('A'), streakGroupId: 'b', streakStartedAt: 5, streakJobs: 3 });
    expect(advanceStreak(device, b, 1, now)).toMatchObject({ streakStartedAt: 5, streakJobs: 4 });
  });

  test('begins anew with another version', () => {
    const device = aDevice({ installed: app('A'), streakGroupId: 'a', streakStartedAt: 5, streakJobs: 3 });
    expect(advanceStreak(device, b, 1, now)).toEqual({ streakGroupId: 'b', streakStartedAt: now, streakJobs: 1 });
  });
});
