import { decayedUsage } from '../domain/fairness.ts';
import type { Lease } from '../domain/model.ts';
import type { OrgUse } from '../domain/scheduler.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';

/** What each organisation has used and uses now; a lease that is open counts for as long as it has been. */
export async function loadOrgUse(
  deps: Deps,
  tx: Tx,
  orgIds: Iterable<string>,
  leases: readonly Lease[],
  now: number,
): Promise<Map<string, OrgUse>> {
  const uses = new Map<string, OrgUse>();
  for (const id of new Set(orgIds)) {
    const org = await tx.orgs.find(id);
    if (!org) continue;
    const own = leases.filter((lease) => lease.orgId === id);
    const openMs = own.reduce((sum, lease) => sum + Math.max(0, now - lease.createdAt), 0);
    const active = org.maxActiveJobs === null ? 0 : (await tx.groups.totals(id)).active;
    uses.set(id, {
      usageMs: decayedUsage(org, now, deps.policy.usageHalfLifeMs) + openMs,
      activeLeases: own.length,
      weight: org.weight,
      atLimit: org.maxActiveJobs !== null && active >= org.maxActiveJobs,
    });
  }
  return uses;
}
