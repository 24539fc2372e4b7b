import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeUsage, decayedUsage } from '../../server/domain/fairness.ts';

const halfLifeMs = 1000;

test('device use counts half after its half-life, a quarter after two', () => {
  expect(decayedUsage({ usageMs: 800, usageAt: 0 }, 1000, halfLifeMs)).toBe(400);
  expect(decayedUsage({ usageMs: 800, usageAt: 0 }, 2000, halfLifeMs)).toBe(200);
});

test('a clock that goes back makes use neither grow nor shrink', () => {
  expect(decayedUsage({ usageMs: 800, usageAt: 5000 }, 1000, halfLifeMs)).toBe(800);
  expect(chargeUsage({ usageMs: 800, usageAt: 5000 }, 50, 1000, halfLifeMs)).toEqual({ usageMs: 850, usageAt: 5000 });
});

test('charging in several steps comes to the same as decaying each charge on its own', () => {
  const charges = fc.array(fc.record({ ms: fc.nat(10_000), gapMs: fc.nat(3000) }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(charges, (steps) => {
      let now = 0;
      let org = { usageMs: 0, usageAt: 0 };
      const made = steps.map(({ ms, gapMs }) => {
        now += gapMs;
        org = chargeUsage(org, ms, now, halfLifeMs);
        return { ms, at: now };
      });
      const expected = made.reduce((sum, { ms, at }) => sum + ms * 0.5 ** ((now - at) / halfLifeMs), 0);
      expect(decayedUsage(org, now, halfLifeMs)).toBeCloseTo(expected, 3);
    }),
  );
});

test('use that was never made cannot be given back', () => {
  expect(chargeUsage({ usageMs: 100, usageAt: 0 }, -500, 0, halfLifeMs).usageMs).toBe(100);
});
