import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceRequirement } from '../../contract/words.ts';
import { deviceFits } from '../../server/domain/grouping.ts';
import type { Device } from '../../server/domain/model.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { type SimulatedJob, type SimulatedStart, type Simulation, simulate } from '../../server/domain/simulate.ts';
import { aDevice } from './factories.ts';

/**
 * The promises in server/domain/scheduler.ts, held against what happened on random traces. What happened is judged from
 * the starts alone, not by the scheduler's own functions.
 */

type GroupSpec = Simulation['groups'][number];

interface Shape {
  orgs: number;
  priorities: number;
  siblings: boolean;
}

function traces({ orgs, priorities, siblings }: Shape): fc.Arbitrary<Simulation> {
  const device = fc.record({ platform: fc.constantFrom('android' as const, 'ios' as const) });
  const group = fc.record({
    org: fc.nat(orgs - 1),
    version: fc.nat(3),
    devices: fc.constantFrom<DeviceRequirement[]>([], [], [{ platform: 'android' }], [{ platform: 'ios' }]),
  });
  const job = fc.record({
    group: fc.nat(),
    priority: fc.nat(priorities - 1),
    releaseMs: fc.nat(40),
    durationMs: fc.integer({ min: 1, max: 9 }),
  });
  return fc
    .record({
      devices: fc.array(device, { minLength: 1, maxLength: 3 }),
      groups: fc.array(group, { minLength: 1, maxLength: 5 }),
      jobs: fc.array(job, { maxLength: 60 }),
      maxGroupJobs: fc.integer({ min: 1, max: 5 }),
      maxGroupMs: fc.integer({ min: 5, max: 60 }),
      installMs: fc.nat(5),
    })
    .map(({ devices, groups, jobs, maxGroupJobs, maxGroupMs, installMs }) => {
      const specs: GroupSpec[] = groups.map(({ org, version, devices }, index) => ({
        id: `g${index}`,
        orgId: `org${org}`,
        appVersionId: siblings ? `v${version}` : `v${index}`,
        target: 'emulator',
        devices,
      }));
      return {
        devices: devices.map(({ platform }, index) => aDevice({ id: `d${index}`, platform })),
        groups: specs,
        jobs: jobs.map(({ group, ...rest }, index) => ({
          ...rest,
          id: `j${String(index).padStart(3, '0')}`,
          groupId: specs[group % specs.length]?.id ?? '',
        })),
        policy: { ...defaultPolicy, maxGroupJobs, maxGroupMs, usageToleranceMs: 10, assumedJobMs: 5 },
        installMs: () => installMs,
      };
    });
}

/** One start with the world around it, reconstructed from the starts before. */
interface Moment {
  start: SimulatedStart;
  device: Device;
  group: GroupSpec;
  /** The device's start before. */
  previous: SimulatedStart | undefined;
  /** Jobs and time of the streak before this start; zero when it begins one. */
  streakJobs: number;
  streakMs: number;
  /** Groups that wait, fit the device, and that no other device serves; with their waiting jobs, first first. */
  unserved: { group: GroupSpec; waiting: SimulatedJob[] }[];
}

const version = (group: GroupSpec) => JSON.stringify([group.orgId, group.appVersionId]);

function replay(simulation: Simulation): Moment[] {
  const starts = simulate(simulation);
  const groups = new Map(simulation.groups.map((group) => [group.id, group]));
  const groupOf = (start: SimulatedStart) => groups.get(start.job.groupId) ?? expect.fail('a job of no group');
  return starts.map((start, index) => {
    const before = starts.slice(0, index);
    const taken = new Set(before.map(({ job }) => job.id));
    const device = simulation.devices.find(({ id }) => id === start.deviceId) ?? expect.fail('no such device');
    const own = before.filter(({ deviceId }) => deviceId === start.deviceId);
    const since = own.findLastIndex(({ installed }) => installed);
    const streak = start.installed ? [] : own.slice(Math.max(0, since));
    const waiting = (group: GroupSpec) =>
      simulation.jobs
        .filter((job) => job.groupId === group.id && job.releaseMs <= start.takenMs && !taken.has(job.id))
        .sort((a, b) => b.priority - a.priority || a.releaseMs - b.releaseMs);
    // a device whose job ends at this very moment may hold its lease still: such a group is not called unserved
    const served = new Set(
      before
        .filter((one) => one.deviceId !== start.deviceId && one.endMs >= start.takenMs)
        .map(({ job }) => job.groupId),
    );
    return {
      start,
      device,
      group: groupOf(start),
      previous: own.at(-1),
      streakJobs: streak.length,
      streakMs: start.takenMs - (streak[0]?.takenMs ?? start.takenMs),
      unserved: simulation.groups
        .filter((group) => deviceFits(device, group) && !served.has(group.id))
        .map((group) => ({ group, waiting: waiting(group) }))
        .filter((entry) => entry.waiting.length > 0),
    };
  });
}

const mixed: Shape = { orgs: 2, priorities: 3, siblings: true };
const runs = { numRuns: 400 };

describe('on any trace', () => {
  test('every job that some device fits runs exactly once, on a device it fits, one at a time', () => {
    fc.assert(
      fc.property(traces(mixed), (simulation) => {
        const moments = replay(simulation);
        const runnable = simulation.jobs.filter((job) =>
          simulation.groups.some((g) => g.id === job.groupId && simulation.devices.some((d) => deviceFits(d, g))),
        );
        expect(moments.map(({ start }) => start.job.id).sort()).toEqual(runnable.map(({ id }) => id).sort());
        for (const { device, group, start, previous } of moments) {
          expect(deviceFits(device, group)).toBe(true);
          expect(start.takenMs).toBeGreaterThanOrEqual(Math.max(start.job.releaseMs, previous?.endMs ?? 0));
        }
      }),
      runs,
    );
  });

  test('no device idles while a job waits that it fits', () => {
    fc.assert(
      fc.property(traces(mixed), (simulation) => {
        const moments = replay(simulation);
        for (const device of simulation.devices) {
          const own = moments.map(({ start }) => start).filter(({ deviceId }) => deviceId === device.id);
          const idle = [...own, undefined].map((start, i) => ({
            from: own[i - 1]?.endMs ?? 0,
            to: start?.takenMs ?? 1e9,
          }));
          for (const { start, group } of moments.filter(({ group }) => deviceFits(device, group))) {
            const overlaps = idle.some(
              ({ from, to }) => Math.max(from, start.job.releaseMs) < Math.min(to, start.takenMs),
            );
            expect(overlaps, `${device.id} idled while ${start.job.id} of ${group.id} waited`).toBe(false);
          }
        }
      }),
      runs,
    );
  });

  test('a device leaves an app version that has work only when its streak is spent and an unserved group waits', () => {
    fc.assert(
      fc.property(traces(mixed), (simulation) => {
        const moments = replay(simulation);
        for (const [index, moment] of moments.entries()) {
          const left = simulation.groups.find((group) => group.id === moment.previous?.job.groupId);
          if (!moment.start.installed || !left) continue;
          const taken = new Set(moments.slice(0, index).map(({ start }) => start.job.id));
          const hadWork = simulation.jobs.some((job) => {
            const group = simulation.groups.find(({ id }) => id === job.groupId);
            const here = group && version(group) === version(left) && deviceFits(moment.device, group);
            return here && job.releaseMs <= moment.start.takenMs && !taken.has(job.id);
          });
          if (!hadWork) continue;
          const last = moments.slice(0, index).findLast(({ device }) => device.id === moment.device.id);
          const jobs = (last?.streakJobs ?? 0) + 1;
          const beganMs = (last?.start.takenMs ?? 0) - (last?.streakMs ?? 0);
          const { maxGroupJobs, maxGroupMs } = simulation.policy;
          expect(jobs >= maxGroupJobs || moment.start.takenMs - beganMs >= maxGroupMs).toBe(true);
          expect(version(moment.group)).not.toBe(version(left));
        }
      }),
      runs,
    );
  });

  test('no job is taken beyond a spent streak while an unserved group of another version waits', () => {
    fc.assert(
      fc.property(traces(mixed), (simulation) => {
        const { maxGroupJobs, maxGroupMs } = simulation.policy;
        for (const { group, streakJobs, streakMs, unserved } of replay(simulation)) {
          if (streakJobs < maxGroupJobs && streakMs < maxGroupMs) continue;
          expect(unserved.filter((entry) => version(entry.group) !== version(group))).toEqual([]);
        }
      }),
      runs,
    );
  });

  test('within an organisation, a streak begins with the highest priority and then the oldest of the unserved', () => {
    fc.assert(
      fc.property(traces({ ...mixed, orgs: 1 }), (simulation) => {
        for (const { start, previous, unserved } of replay(simulation)) {
          if (!start.installed) continue;
          const left = simulation.groups.find((group) => group.id === previous?.job.groupId);
          for (const { group, waiting } of unserved) {
            const [head] = waiting;
            if (!head || (left && version(left) === version(group))) continue;
            expect(start.job.priority).toBeGreaterThanOrEqual(head.priority);
            if (start.job.priority === head.priority) expect(start.job.releaseMs).toBeLessThanOrEqual(head.releaseMs);
          }
        }
      }),
      runs,
    );
  });
});

test('a waiting group is overtaken by at most one streak, and at most one job less than that per group with older jobs', () => {
  fc.assert(
    fc.property(traces({ orgs: 1, priorities: 1, siblings: false }), (simulation) => {
      const moments = replay(simulation);
      const { maxGroupJobs } = simulation.policy;
      for (const device of simulation.devices) {
        for (const waiter of simulation.groups.filter((group) => deviceFits(device, group))) {
          let bound: number | null = null;
          let jobs = 0;
          for (const moment of moments.filter((one) => one.device.id === device.id)) {
            const head = moment.unserved.find(({ group }) => group.id === waiter.id)?.waiting[0];
            if (!head || moment.group.id === waiter.id) {
              bound = null;
              continue;
            }
            if (bound === null) {
              const older = simulation.groups
                .filter((group) => group.id !== waiter.id && deviceFits(device, group))
                .map((group) => olderThan(head, group, moment, moments, simulation))
                .filter((count) => count > 0);
              bound = older.reduce((sum, count) => sum + count + maxGroupJobs - 1, maxGroupJobs);
              jobs = 0;
            }
            expect(++jobs).toBeLessThanOrEqual(bound);
          }
        }
      }
    }),
    runs,
  );
});

/** Waiting jobs of `group` at that moment that were there no later than `head`. */
function olderThan(
  head: SimulatedJob,
  group: GroupSpec,
  moment: Moment,
  moments: Moment[],
  simulation: Simulation,
): number {
  const taken = new Set(moments.slice(0, moments.indexOf(moment)).map(({ start }) => start.job.id));
  return simulation.jobs.filter(
    (job) => job.groupId === group.id && job.releaseMs <= head.releaseMs && !taken.has(job.id),
  ).length;
}
