import { describe, expect, test } from 'vitest';
import { createFleetHealth } from '../../agent/health.ts';

const fleetOf = (devices: number) => {
  const health = createFleetHealth(() => devices);
  const fail = (device: string, ...tests: string[]) => {
    for (const name of tests) health.ended(device, name, 'infra_error');
  };
  const aside = (...ids: string[]) => ids.filter((id) => health.asideFor(id) !== null);
  return { health, fail, aside };
};

describe('the health of a fleet', () => {
  test('sets a device aside on which three different tests fail by its fault, one after the other, and says which', () => {
    const { health, fail } = fleetOf(3);
    fail('a', 't1', 't2');
    expect(health.asideFor('a')).toBeNull();
    fail('a', 't3');
    expect(health.asideFor('a')).toContain('t1');
  });

  test('holds one test that fails again and again against no device', () => {
    const { fail, aside } = fleetOf(3);
    fail('a', 't1', 't1', 't1', 't1');
    expect(aside('a')).toEqual([]);
  });

  test('holds tests that fail on other devices too against none of them', () => {
    const { fail, aside } = fleetOf(9);
    for (const device of ['a', 'b', 'c']) fail(device, 't1', 't2', 't3', 't4');
    // the first to meet them could not know; those after it are not blamed
    expect(aside('b', 'c')).toEqual([]);
  });

  test('holds a failure of the test against the device once the test has passed elsewhere', () => {
    const { health, aside } = fleetOf(3);
    for (const name of ['t1', 't2', 't3']) health.ended('a', name, 'failed');
    expect(aside('a')).toEqual([]);
    for (const name of ['t1', 't2', 't3']) health.ended('b', name, 'passed');
    expect(aside('a', 'b')).toEqual(['a']);
  });

  test('forgets what was before a test that went well', () => {
    const { health, fail, aside } = fleetOf(3);
    fail('a', 't1', 't2');
    health.ended('a', 't3', 'flaky');
    fail('a', 't1', 't2');
    expect(aside('a')).toEqual([]);
  });

  test.each([
    [1, 0],
    [2, 0],
    [3, 1],
    [5, 1],
    [6, 2],
    [12, 4],
  ])('of %i devices sets at most %i aside, however badly all of them do', (devices, most) => {
    const { fail, aside } = fleetOf(devices);
    const ids = Array.from({ length: devices }, (_, i) => `d${i}`);
    for (const id of ids) fail(id, `${id} 1`, `${id} 2`, `${id} 3`, `${id} 4`);
    expect(aside(...ids)).toHaveLength(most);
  });

  test('tries a device again after a rest, and sets it aside at once when that fails', () => {
    const { health, fail, aside } = fleetOf(3);
    fail('a', 't1', 't2', 't3');
    health.rested('a');
    expect(aside('a')).toEqual([]);
    fail('a', 't4');
    expect(aside('a')).toEqual(['a']);
    health.rested('a');
    health.ended('a', 't5', 'passed');
    fail('a', 't6');
    expect(aside('a')).toEqual([]);
  });
});
