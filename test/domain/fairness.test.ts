import { expect, test } from 'vitest';
import { chargeUse, startingUse } from '../../server/domain/fairness.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import type { OrgUse } from '../../server/domain/scheduler/scene.ts';

const use = (usageMs: number, active: number, weight = 1): OrgUse => ({
  usageMs,
  active,
  weight,
  room: Number.POSITIVE_INFINITY,
});
const start = (orgId: string, orgs: Record<string, OrgUse>, askingOrgId: string | null = null) =>
  startingUse(orgId, new Map(Object.entries(orgs)), defaultPolicy, askingOrgId);
const { creditMs } = defaultPolicy;

test('a clock goes forward by the device time used, and never back', () => {
  expect(chargeUse(100, 50)).toBe(150);
  expect(chargeUse(100, -500)).toBe(100);
});

test('an organisation that comes back starts close behind the least used that is at work', () => {
  expect(start('new', { new: use(0, 0), busy: use(1e9, 4), busier: use(2e9, 4) })).toBe(1e9 - creditMs);
  expect(start('new', { new: use(0, 0, 2), busy: use(1e9, 4) })).toBe((1e9 - creditMs) * 2);
});

test('one whose only device is between two jobs was never away', () => {
  const orgs = { old: use(5, 0), busy: use(1e9, 4) };
  expect(start('old', orgs, 'old')).toBe(5);
  expect(start('old', orgs, 'busy')).toBe(1e9 - creditMs);
});

test('one that holds devices, or has used more, keeps its clock', () => {
  expect(start('old', { old: use(5, 1), busy: use(1e9, 4) })).toBe(5);
  expect(start('old', { old: use(3e9, 0), busy: use(1e9, 4) })).toBe(3e9);
  expect(start('alone', { alone: use(5, 0), idle: use(1e9, 0) })).toBe(5);
  expect(start('unknown', {})).toBe(0);
});
