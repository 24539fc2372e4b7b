import type { Deps } from './deps.ts';
import { onlineSince } from './fleet.ts';

export interface MetricsSnapshot {
  queuedJobs: number;
  activeJobs: number;
  activeLeases: number;
  agentsOnline: number;
  devicesOnline: number;
  /** How long the job at the head of the longest waiting group has waited; null when none waits. */
  oldestQueuedSeconds: number | null;
  /** Webhooks that wait to be worked on, and those that were given up. */
  deliveriesPending: number;
  deliveriesFailed: number;
}

/** The state of queue and fleet, for the metrics endpoint. */
export async function metricsSnapshot(deps: Deps): Promise<MetricsSnapshot> {
  const now = deps.now();
  return deps.store.read(async (tx) => {
    const totals = await tx.groups.totals(null);
    const online = await tx.agents.onlineDevices(onlineSince(deps, now));
    const deliveries = await tx.deliveries.totals();
    return {
      queuedJobs: totals.queued,
      activeJobs: totals.active,
      activeLeases: (await tx.leases.active()).length,
      agentsOnline: new Set(online.map(({ agent }) => agent.id)).size,
      devicesOnline: online.length,
      oldestQueuedSeconds: totals.oldestEnqueuedAt === null ? null : Math.max(0, now - totals.oldestEnqueuedAt) / 1000,
      deliveriesPending: deliveries.pending,
      deliveriesFailed: deliveries.failed,
    };
  });
}
