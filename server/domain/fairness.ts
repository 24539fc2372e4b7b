import type { Policy } from './policy.ts';
import type { OrgUse } from './scheduler/scene.ts';

/**
 * What an organisation's clock shows after more device time. Clocks only go forward: who was away is set forward when it
 * comes back, see `startingUse`, so that no time has to be forgotten.
 */
export function chargeUse(usageMs: number, addedMs: number): number {
  return usageMs + Math.max(0, addedMs);
}

/**
 * Where an organisation's clock stands among those at work. One that has no device now and used little for long starts just
 * far enough behind the least used that it is served next, not so far that it takes all devices until it has caught up.
 * `askingOrgId`: whom the asking device worked for until now; an organisation whose only device is between two jobs was not away.
 */
export function startingUse(
  orgId: string,
  orgs: ReadonlyMap<string, OrgUse>,
  policy: Policy,
  askingOrgId: string | null,
): number {
  const org = orgs.get(orgId);
  if (!org) return 0;
  if (org.active > 0 || orgId === askingOrgId) return org.usageMs;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const other of orgs.values()) if (other.active > 0) leastMs = Math.min(leastMs, other.usageMs / other.weight);
  if (leastMs === Number.POSITIVE_INFINITY) return org.usageMs;
  return Math.max(org.usageMs, (leastMs - policy.creditMs) * org.weight);
}
