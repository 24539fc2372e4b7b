import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hintIn,
  isSetAside,
  mustSetAside,
  noSuspicion,
  recalled,
  regressionHint,
  setAsideMs,
  suspect,
  trust,
  type Working,
} from '../../server/domain/blame-matrix.ts';
import { aDevice } from './factories.ts';

const now = 1_000_000;
const working = (device: Working['device'], orgId: string | null = null): Working => ({ device, orgId });
const blamed = (...tests: string[]) => tests.reduce((known, one) => suspect(known, one, 0), noSuspicion);

describe('a device', () => {
  const others = [aDevice({ id: 'b' }), aDevice({ id: 'c' })].map((device) => working(device));

  test('is set aside after three different test files failed on it and passed elsewhere, not after one that did so often', () => {
    expect(mustSetAside(working(aDevice({ suspicion: blamed('a', 'b', 'c') })), others, now)).toBe(true);
    expect(mustSetAside(working(aDevice({ suspicion: blamed('a', 'a', 'a', 'b') })), others, now)).toBe(false);
  });

  test('is not blamed for files known to be flaky, and forgiven one for every four attempts that pass', () => {
    expect(suspect(noSuspicion, 'a', 0.1)).toEqual(noSuspicion);
    let suspicion = blamed('a', 'b', 'c');
    for (let n = 0; n < 4; n++) suspicion = trust(suspicion);
    expect(suspicion.tests).toEqual(['b', 'c']);
    for (let n = 0; n < 8; n++) suspicion = trust(suspicion);
    expect(suspicion).toEqual(noSuspicion);
  });

  test('comes back by itself when its time is over', () => {
    const device = aDevice({ suspectUntil: now + setAsideMs });
    expect(isSetAside(device, now + setAsideMs - 1)).toBe(true);
    expect(isSetAside(device, now + setAsideMs)).toBe(false);
  });

  test('is never set aside as one of more than a third of its class, nor as the last', () => {
    const suspicion = blamed('a', 'b', 'c');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 5 }), (alike, unlike) => {
        let fleet = [
          ...Array.from({ length: alike }, (_, n) => aDevice({ id: `a${n}`, suspicion })),
          ...Array.from({ length: unlike }, (_, n) => aDevice({ id: `i${n}`, platform: 'ios' })),
        ];
        for (const { id } of fleet) {
          fleet = fleet.map((device) => {
            const rest = fleet.filter((other) => other !== device).map((other) => working(other));
            return device.id === id && mustSetAside(working(device), rest, now)
              ? { ...device, suspectUntil: now + 1 }
              : device;
          });
        }
        expect(fleet.filter((device) => isSetAside(device, now))).toHaveLength(Math.floor(alike / 3));
      }),
    );
  });
});

describe('of the devices that an organisation can use, whatever others have,', () => {
  const suspicion = blamed('a', 'b', 'c');
  const many = (n: number, orgId: string | null, over: Parameters<typeof aDevice>[0] = {}) =>
    Array.from({ length: n }, () => working(aDevice(over), orgId));
  const suspectOf = (orgId: string | null) => working(aDevice({ suspicion }), orgId);

  test('at most a third is set aside: the fleet of others is no reserve', () => {
    expect(mustSetAside(suspectOf('acme'), many(9, 'zeta'), now)).toBe(false);
    expect(mustSetAside(suspectOf('acme'), many(2, 'acme'), now)).toBe(true);
    expect(mustSetAside(suspectOf('acme'), many(2, null), now)).toBe(true);
  });

  test('at most a third is set aside of what everyone shares, even for who has no others', () => {
    expect(mustSetAside(suspectOf(null), many(9, 'acme'), now)).toBe(false);
    expect(mustSetAside(suspectOf(null), many(2, null), now)).toBe(true);
    const shaken = [...many(2, 'acme', { suspectUntil: now + 1 }), ...many(1, 'acme'), ...many(2, null)];
    expect(mustSetAside(suspectOf(null), shaken, now)).toBe(false);
  });
});

describe('a hint at a regression', () => {
  test('names the version that passed and the devices tried, and is found again in a reason', () => {
    const hint = regressionHint({ appVersionId: '2', failedOn: ['x', 'y'] }, '1');
    expect(hint).toBe(
      'It passed with app version 1 and fails with this one on each of 2 devices tried: it may be a regression.',
    );
    expect(hintIn(`1 of 1 test failed: boom. ${hint}`)).toBe(hint);
    expect(hintIn('1 of 1 test failed: boom.')).toBeNull();
  });

  test('is not given where it never passed, or passed with this very version', () => {
    expect(regressionHint({ appVersionId: '2', failedOn: ['x'] }, null)).toBeNull();
    expect(regressionHint({ appVersionId: '2', failedOn: ['x'] }, '2')).toBeNull();
  });
});

test('of those at work never more than a third rests, and the first to be set aside is the first to come back', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }), { maxLength: 20 }), (untils) => {
      const all = untils.map((until, n) =>
        working(aDevice({ id: `d${n}`, suspectUntil: until === null ? null : now + until })),
      );
      const back = recalled(all, now);
      const resting = all.filter((one) => isSetAside(one.device, now) && !back.has(one));
      const aside = all.filter((one) => isSetAside(one.device, now));
      expect(resting).toHaveLength(Math.min(aside.length, Math.floor(all.length / 3)));
      const until = (one: Working) => one.device.suspectUntil ?? 0;
      for (const one of back) for (const other of resting) expect(until(one)).toBeLessThanOrEqual(until(other));
    }),
  );
});
