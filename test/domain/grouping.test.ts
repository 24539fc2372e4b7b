import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceRequirement } from '../../contract/words.ts';
import { deviceFits, groupKey } from '../../server/domain/grouping.ts';
import type { Device } from '../../server/domain/model.ts';
import { aDevice } from './factories.ts';

const word = fc.constantFrom('a', 'b', 'A', '1', '14', '14.2', '"', '],["', 'null', 'é');
const requirement: fc.Arbitrary<DeviceRequirement> = fc
  .record(
    {
      platform: fc.constantFrom('android', 'ios', 'web'),
      model: word,
      os_version: word,
      labels: fc.array(word, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  .map((given) => given as DeviceRequirement);
const requirements = fc.array(requirement, { maxLength: 3 });

/** What a requirement means, written down apart from groupKey. */
function meaning(devices: DeviceRequirement[]): string[] {
  const one = (d: DeviceRequirement) =>
    [
      `platform ${d.platform}`,
      `model ${d.model?.toLowerCase()}`,
      `os ${d.os_version}`,
      ...[...new Set(d.labels)].sort().map((label) => `label ${label}`),
    ].join('\n');
  return [...new Set(devices.map(one))].sort();
}

describe('a group key', () => {
  test('is the same for requirements that mean the same, and only for those', () => {
    fc.assert(
      fc.property(requirements, requirements, (a, b) => {
        const equal = groupKey('acme', '1.0', 'device', a) === groupKey('acme', '1.0', 'device', b);
        expect(equal).toBe(JSON.stringify(meaning(a)) === JSON.stringify(meaning(b)));
      }),
    );
  });

  test('does not depend on the order of alternatives, of labels or of keys', () => {
    const a: DeviceRequirement[] = [{ platform: 'ios' }, { model: 'Pixel 8', labels: ['fast', 'lab'] }];
    const b: DeviceRequirement[] = [{ labels: ['lab', 'fast'], model: 'pixel 8' }, { platform: 'ios' }];
    expect(groupKey('acme', '1.0', 'device', a)).toBe(groupKey('acme', '1.0', 'device', b));
  });

  test('differs when organisation, app version or target differs, wherever the border between them lies', () => {
    const keys = [
      groupKey('acme', '1.0', 'device', []),
      groupKey('acme1', '.0', 'device', []),
      groupKey('other', '1.0', 'device', []),
      groupKey('acme', '1.1', 'device', []),
      groupKey('acme', '1.0', 'emulator', []),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('of equal groups means that the same devices fit both', () => {
    const device = fc.record({
      target: fc.constant('device' as const),
      platform: fc.constantFrom('android' as const, 'ios' as const),
      model: fc.option(word),
      osVersion: fc.option(word),
      labels: fc.array(word, { maxLength: 3 }),
    });
    const shuffled = requirements.chain((given) =>
      fc.shuffledSubarray(given, { minLength: given.length }).map((other) => [given, other] as const),
    );
    fc.assert(
      fc.property(device, shuffled, (one, [a, b]) => {
        expect(groupKey('acme', '1.0', 'device', a)).toBe(groupKey('acme', '1.0', 'device', b));
        expect(deviceFits(one, { target: 'device', devices: a })).toBe(
          deviceFits(one, { target: 'device', devices: b }),
        );
      }),
    );
  });
});

describe('a device fits', () => {
  const fits = (devices: DeviceRequirement[], device: Partial<Device> = {}) =>
    deviceFits(aDevice(device), { target: 'emulator', devices });

  test('any group of its target that asks for nothing, and none of another target', () => {
    expect(fits([])).toBe(true);
    expect(deviceFits(aDevice(), { target: 'device', devices: [] })).toBe(false);
  });

  test('when one alternative is met in every property it gives', () => {
    expect(fits([{ platform: 'ios' }, { platform: 'android', model: 'Pixel 8' }])).toBe(true);
    expect(fits([{ platform: 'ios', model: 'Pixel 8' }])).toBe(false);
    expect(fits([{ platform: 'ios' }, { model: 'Pixel 9' }])).toBe(false);
  });

  test('a model in any case', () => {
    expect(fits([{ model: 'pIXEL 8' }])).toBe(true);
    expect(fits([{ model: 'Pixel' }])).toBe(false);
  });

  test.each([
    ['14', '14', true],
    ['14', '14.2', true],
    ['14.2', '14.2.1', true],
    ['14.2', '14', false],
    ['14', '140', false],
    ['14', '13', false],
    ['14', null, false],
  ])('os_version %s on version %s: %s', (wanted, osVersion, expected) => {
    expect(fits([{ os_version: wanted }], { osVersion })).toBe(expected);
  });

  test('when it has every label asked for', () => {
    expect(fits([{ labels: ['fast'] }], { labels: ['fast', 'lab'] })).toBe(true);
    expect(fits([{ labels: ['fast', 'lab'] }], { labels: ['fast'] })).toBe(false);
  });

  test('no requirement of a model or version that it does not tell', () => {
    expect(fits([{ model: 'Pixel 8' }], { model: null })).toBe(false);
  });
});
