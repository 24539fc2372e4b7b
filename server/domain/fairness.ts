import type { Org } from './model.ts';

/**
 * What an organisation's device use still weighs at `now`, in milliseconds: half after every `halfLifeMs`, so that last
 * week's thousand jobs do not count against today's one. A clock that went back leaves it as it is.
 */
export function decayedUsage(org: Pick<Org, 'usageMs' | 'usageAt'>, now: number, halfLifeMs: number): number {
  return org.usageMs * 0.5 ** (Math.max(0, now - org.usageAt) / halfLifeMs);
}

/** The organisation's use after `addedMs` of device time ended at `now`, as the store keeps it. */
export function chargeUsage(
  org: Pick<Org, 'usageMs' | 'usageAt'>,
  addedMs: number,
  now: number,
  halfLifeMs: number,
): Pick<Org, 'usageMs' | 'usageAt'> {
  return {
    usageMs: decayedUsage(org, now, halfLifeMs) + Math.max(0, addedMs),
    usageAt: Math.max(now, org.usageAt),
  };
}
