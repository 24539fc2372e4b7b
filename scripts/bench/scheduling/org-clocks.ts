import type { Group } from '../../../server/domain/model.ts';

interface Seen {
  now: number;
  groups: readonly Pick<Group, 'queued' | 'orgId'>[];
  workers: readonly { serves: Pick<Group, 'orgId'> | null }[];
}

/**
 * Device time of organisations, counted from what a scheduler is shown: one that comes back from idle starts at the clock of the
 * least active one.
 */
export function createOrgClocks() {
  const clocksMs = new Map<string, number>();
  let active: ReadonlySet<string> = new Set();
  let countedAt = 0;
  const of = (orgId: string) => clocksMs.get(orgId) ?? 0;
  return {
    of,
    /** To be called whenever a device asks. */
    advance({ now, groups, workers }: Seen): void {
      for (const { serves } of workers) if (serves) clocksMs.set(serves.orgId, of(serves.orgId) + now - countedAt);
      countedAt = now;
      const present = new Set(groups.filter(({ queued }) => queued > 0).map(({ orgId }) => orgId));
      for (const { serves } of workers) if (serves) present.add(serves.orgId);
      const stayed = [...present].filter((orgId) => active.has(orgId));
      const leastMs = stayed.length === 0 ? 0 : Math.min(...stayed.map(of));
      for (const orgId of present) if (!active.has(orgId)) clocksMs.set(orgId, Math.max(of(orgId), leastMs));
      active = present;
    },
  };
}
