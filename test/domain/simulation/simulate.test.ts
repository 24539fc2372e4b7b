import { describe, expect, test } from 'vitest';
import { defaultPolicy } from '../../../server/domain/policy.ts';
import { type Simulation, simulate } from '../../../server/domain/simulation/simulate.ts';
import { aDevice, aGroup } from '../factories.ts';

const minuteMs = 60_000;

function burst(groupId: string, count: number, releaseMs = 0) {
  return Array.from({ length: count }, (_, i) => ({
    id: `${groupId}-${String(i).padStart(4, '0')}`,
    groupId,
    priority: 5,
    releaseMs,
    durationMs: minuteMs,
    estimateMs: minuteMs,
  }));
}

function play(over: Partial<Simulation>) {
  return simulate({ devices: [], groups: [], jobs: [], policy: defaultPolicy, installMs: () => 45_000, ...over });
}

const devices = (n: number) => Array.from({ length: n }, (_, i) => aDevice({ id: `d${i}` }));
const group = (id: string, orgId = 'acme') => aGroup({ id, orgId, appVersionId: id });

describe('the scheduler, played', () => {
  test('two groups on two devices cost two installs, whatever the order their jobs came in', () => {
    const jobs = burst('a', 8).flatMap((job, i) => [
      { ...job, releaseMs: i },
      { ...job, id: `b-${i}`, groupId: 'b', releaseMs: i },
    ]);
    const starts = play({ devices: devices(2), groups: [group('a'), group('b')], jobs });
    expect(starts.filter(({ installed }) => installed)).toHaveLength(2);
  });

  test('an idle device joins the only group that waits', () => {
    const starts = play({ devices: devices(2), groups: [group('a')], jobs: burst('a', 10) });
    expect(new Set(starts.map(({ deviceId }) => deviceId)).size).toBe(2);
    expect(Math.max(...starts.map(({ endMs }) => endMs))).toBe(45_000 + 5 * minuteMs);
  });

  test('five jobs of a small organisation do not wait for the thousand of a large one', () => {
    const jobs = [...burst('large', 1000), ...burst('small', 5, minuteMs)];
    const starts = play({ devices: devices(1), groups: [group('large', 'large'), group('small', 'small')], jobs });
    const small = starts.filter(({ job }) => job.groupId === 'small');
    expect(small[0]?.takenMs).toBeLessThanOrEqual(11 * minuteMs);
    expect(small.at(-1)?.endMs).toBeLessThanOrEqual(17 * minuteMs);
  });

  test('two organisations with endless work share the device evenly, though one has ten versions and the other one', () => {
    const many = Array.from({ length: 10 }, (_, i) => group(`many${i}`, 'many'));
    const jobs = [...many.flatMap(({ id }) => burst(id, 50)), ...burst('one', 500)];
    const starts = play({ devices: devices(1), groups: [...many, group('one', 'one')], jobs }).slice(0, 400);
    const ofOne = starts.filter(({ job }) => job.groupId === 'one').length;
    expect(ofOne).toBeGreaterThan(160);
    expect(ofOne).toBeLessThan(240);
  });

  test('the same jobs are played the same way twice', () => {
    const input = {
      devices: devices(3),
      groups: [group('a'), group('b')],
      jobs: [...burst('a', 30), ...burst('b', 30)],
    };
    expect(play(input)).toEqual(play(input));
  });

  test('jobs that no device fits are left out', () => {
    const ios = aGroup({ id: 'a', devices: [{ platform: 'ios' }] });
    expect(play({ devices: devices(1), groups: [ios], jobs: burst('a', 3) })).toEqual([]);
  });
});
