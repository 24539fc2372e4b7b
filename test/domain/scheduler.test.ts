import { describe, expect, test } from 'vitest';
import type { Device, Group } from '../../server/domain/model.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { shareOf } from '../../server/domain/scheduler/batch.ts';
import { chooseGroup } from '../../server/domain/scheduler/choose.ts';
import type { OrgUse, Scene, Worker } from '../../server/domain/scheduler/scene.ts';
import { atWork } from '../../server/domain/scheduler/turn.ts';
import { aDevice, aGroup } from './factories.ts';

const now = 10_000_000;
const minuteMs = 60_000;
const installMs = 45_000;
const group = (id: string, over: Partial<Group> = {}) =>
  aGroup({ id, appVersionId: id.toUpperCase(), installMs, headEnqueuedAt: now - minuteMs, ...withWork(10), ...over });
const withWork = (jobs: number) => ({ queued: jobs, workMs: jobs * minuteMs });
const app = (appVersionId: string, orgId = 'acme') => ({ org_id: orgId, app_version_id: appVersionId, sha256: null });
const use = (over: Partial<OrgUse> = {}): OrgUse => ({
  usageMs: 0,
  active: 0,
  weight: 1,
  room: Number.POSITIVE_INFINITY,
  ...over,
});
const worker = (id: string, serves: Group | null = null, device: Partial<Device> = {}): Worker => ({
  device: aDevice({ id, ...(serves ? { installed: app(serves.appVersionId, serves.orgId) } : {}), ...device }),
  orgId: null,
  serves,
});

interface World {
  device?: Partial<Device>;
  others?: Worker[];
  orgs?: Record<string, OrgUse>;
}

function sceneOf(groups: Group[], { device = {}, others = [], orgs = {} }: World = {}): Scene {
  const asking = worker('asking', null, device);
  return {
    now,
    groups,
    asking,
    workers: [asking, ...others],
    orgs: new Map(Object.entries(orgs)),
    policy: defaultPolicy,
  };
}

const choose = (groups: Group[], world: World = {}) => chooseGroup(sceneOf(groups, world))?.group.id;
const [a, b] = [group('a'), group('b')];

describe('a free device', () => {
  test('takes nothing when no waiting group fits it', () => {
    const ios = group('c', { devices: [{ platform: 'ios' }] });
    expect(choose([ios, group('d', { target: 'device' }), group('e', { queued: 0 })])).toBeUndefined();
  });

  test('takes nothing of an organisation other than its own, if it has one', () => {
    const scene = sceneOf([a]);
    const asking = { ...scene.asking, orgId: 'zeta' };
    expect(chooseGroup({ ...scene, asking, workers: [asking] })).toBeNull();
  });

  test('takes the group that waited longest, and of two that waited as long always the same', () => {
    expect(choose([b, { ...a, headEnqueuedAt: now - 20 * minuteMs }])).toBe('a');
    expect(choose([a, b])).toBe(choose([b, a]));
  });

  test('takes the shorter of two that waited as long', () => {
    expect(choose([a, { ...b, ...withWork(2) }])).toBe('b');
  });

  test('takes higher priority before age within an organisation, and not between two', () => {
    expect(
      choose([
        { ...a, headEnqueuedAt: now - 20 * minuteMs },
        { ...b, headPriority: 6 },
      ]),
    ).toBe('b');
    const urgent = group('c', { orgId: 'other', headPriority: 9 });
    expect(choose([{ ...a, headEnqueuedAt: now - 2 * minuteMs }, urgent])).toBe('a');
  });

  test('leaves a group that has the devices it is worth for one that has none', () => {
    expect(choose([{ ...a, headEnqueuedAt: now - 20 * minuteMs }, b], { others: [worker('d1', a)] })).toBe('b');
  });

  test('joins a group if its work is worth the install, else stays free', () => {
    const nearlyDone = { ...a, ...withWork(3) };
    expect(choose([{ ...a, ...withWork(60) }], { others: [worker('d1', a)] })).toBe('a');
    expect(choose([nearlyDone], { others: [worker('d1', a)] })).toBeUndefined();
    // the one with most work decides: where it is nearly done the others are as well
    const dear = { ...b, installMs: 10 * minuteMs, ...withWork(20) };
    const served = [worker('d1', a), worker('d2', dear)];
    expect(choose([a, dear], { others: served })).toBeUndefined();
    expect(choose([a], { others: served })).toBe('a');
  });

  test('leaves a group to a free device that has its app on', () => {
    expect(choose([{ ...a, ...withWork(3) }], { others: [worker('d1', null, { installed: app('A') })] })).toBe(
      undefined,
    );
  });

  test('takes what only it can do before what another free device could', () => {
    const ios = group('c', { devices: [{ platform: 'ios' }], headEnqueuedAt: now - 1 });
    const others = [worker('android')];
    expect(choose([{ ...a, headEnqueuedAt: now - 20 * minuteMs }, ios], { device: { platform: 'ios' }, others })).toBe(
      'c',
    );
  });

  test('joins any group of a cloud of devices, where an app is uploaded once for all', () => {
    const cloud = { target: 'browserstack' as const };
    const others = Array.from({ length: 4 }, (_, i) => worker(`d${i}`, a, cloud));
    expect(choose([{ ...a, ...cloud, ...withWork(1) }], { device: cloud, others })).toBe('a');
  });

  test('serves the organisation that has used least by its weight; hardly less does not count', () => {
    const [mine, other] = [group('mine', { headEnqueuedAt: now - 20 * minuteMs }), group('other', { orgId: 'other' })];
    const toleranceMs = defaultPolicy.usageToleranceMs;
    const pick = (acme: Partial<OrgUse>) => choose([mine, other], { orgs: { acme: use(acme), other: use() } });
    expect(pick({ usageMs: toleranceMs + 1 })).toBe('other');
    expect(pick({ usageMs: toleranceMs })).toBe('mine');
    expect(pick({ usageMs: toleranceMs + 1, weight: 2 })).toBe('mine');
  });

  test('takes nothing of an organisation at its limit, not even with its app installed', () => {
    const orgs = { acme: use({ room: 0 }) };
    expect(choose([a], { orgs })).toBeUndefined();
    expect(choose([a], { orgs, device: { installed: app('A') } })).toBeUndefined();
  });
});

describe('a device with an app version installed', () => {
  const onB = { installed: app('B'), turnStartedAt: now - minuteMs };

  test('stays on it while it has work, before age and before fair shares within the tolerance', () => {
    expect(choose([{ ...a, headEnqueuedAt: now - 20 * minuteMs }, b], { device: onB })).toBe('b');
  });

  test('takes the best of several groups of that version', () => {
    expect(choose([a, b, { ...b, id: 'b2', headPriority: 7 }], { device: onB })).toBe('b2');
  });

  test('does not take the same version id of another organisation for its own', () => {
    const foreign = { ...b, id: 'f', orgId: 'other', headEnqueuedAt: now - 20 * minuteMs };
    expect(choose([foreign, b], { device: onB })).toBe('b');
  });

  test('leaves it for a higher priority that no device serves, unless one frees up soon', () => {
    const urgent = { ...a, headPriority: 9, ...withWork(1) };
    expect(choose([urgent, b], { device: onB })).toBe('a');
    expect(choose([urgent, b], { device: onB, others: [worker('d1', urgent)] })).toBe('b');
    expect(choose([urgent, b], { device: onB, others: [worker('d1', group('gone', { queued: 0 }))] })).toBe('b');
    expect(
      choose(
        [
          { ...urgent, orgId: 'other' },
          { ...b, ...withWork(1) },
        ],
        { device: onB },
      ),
    ).toBe('b');
  });

  test('leaves a long line for a short group that no device serves', () => {
    const long = { ...b, ...withWork(500) };
    const short = { ...a, ...withWork(2) };
    expect(choose([short, long], { device: onB })).toBe('a');
    expect(choose([short, { ...b, ...withWork(4) }], { device: onB })).toBe('b');
  });

  test('leaves it for an organisation that is behind, which keeps it no longer than that', () => {
    const other = group('o', { orgId: 'other' });
    const ahead = use({ usageMs: defaultPolicy.usageToleranceMs + 1 });
    expect(choose([other, b], { device: onB, orgs: { acme: ahead, other: use() } })).toBe('o');
    expect(choose([other, b], { device: onB, orgs: { acme: use(), other: ahead } })).toBe('b');
  });

  test('gives a large group of an organisation that is behind its share of devices, not only the first', () => {
    const others = [
      ...Array.from({ length: 7 }, (_, i) => worker(`b${i}`, b)),
      worker('o', group('o', { orgId: 'z' })),
    ];
    const large = group('o', { orgId: 'z', ...withWork(500) });
    const chosen = (active: number, lagMs: number, poorActive = 1) =>
      choose([large, { ...b, ...withWork(500) }], {
        device: onB,
        others,
        orgs: { acme: use({ usageMs: lagMs + 1, active }), z: use({ active: poorActive }) },
      });
    const { catchUpMs } = defaultPolicy;
    expect(chosen(7, catchUpMs)).toBe('o');
    expect(chosen(7, catchUpMs - 1)).toBe('b');
    // one more than the other: with as many it would stay as far behind for good
    expect(chosen(0, catchUpMs)).toBe('o');
    expect(chosen(0, catchUpMs, 2)).toBe('b');
  });

  test('leaves it for a group that is overdue, after a turn, once in a while', () => {
    const late = { ...a, headEnqueuedAt: now - defaultPolicy.overdueMs };
    const longTurn = { ...onB, turnStartedAt: now - defaultPolicy.turnMs };
    expect(choose([late, b], { device: longTurn })).toBe('a');
    expect(choose([late, b], { device: onB })).toBe('b');
    expect(choose([late, b], { device: { ...longTurn, helpedAt: now - minuteMs } })).toBe('b');
    expect(choose([late, b], { device: longTurn, others: [worker('d1', late)] })).toBe('b');
  });

  test('does not leave it for a group it does not fit', () => {
    const ios = { ...a, headPriority: 9, devices: [{ platform: 'ios' as const }] };
    expect(choose([ios, b], { device: onB })).toBe('b');
  });
});

test('a device that tells of no installed app stays on the group it drained last', () => {
  expect(choose([{ ...a, headEnqueuedAt: now - 20 * minuteMs }, b], { device: { lastGroupId: 'b' } })).toBe('b');
});

describe('several jobs at once', () => {
  test('are no more than leave the other devices of the group as many', () => {
    expect(shareOf(sceneOf([a]), a, 50)).toBe(10);
    expect(shareOf(sceneOf([a], { others: [worker('d1', a)] }), a, 50)).toBe(5);
  });

  test('are no more than the organisation may hold', () => {
    expect(shareOf(sceneOf([a], { orgs: { acme: use({ room: 3 }) } }), a, 50)).toBe(3);
  });
});

describe('a turn', () => {
  const at = { now, policy: defaultPolicy };

  test('goes on over two groups of one version, so that they cannot take turns for ever', () => {
    const device = aDevice({ installed: app('B'), lastGroupId: 'b', turnStartedAt: 5 });
    expect(atWork(device, { ...b, id: 'b2' }, at)).toEqual({ lastGroupId: 'b2', turnStartedAt: 5, helpedAt: null });
  });

  test('goes on in its group though the install has not been told yet', () => {
    const device = aDevice({ installed: app('A'), lastGroupId: 'b', turnStartedAt: 5 });
    expect(atWork(device, b, at)).toMatchObject({ turnStartedAt: 5 });
  });

  test('begins anew with another version, and is noted if that was overdue', () => {
    const device = aDevice({ installed: app('A'), lastGroupId: 'a', turnStartedAt: 5 });
    expect(atWork(device, b, at)).toEqual({ lastGroupId: 'b', turnStartedAt: now, helpedAt: null });
    const late = { ...b, headEnqueuedAt: now - defaultPolicy.overdueMs };
    expect(atWork(device, late, at)).toMatchObject({ helpedAt: now });
  });
});
