import { deviceFits } from '../domain/grouping.ts';
import type { Run } from '../domain/model.ts';
import { change } from './changes.ts';
import type { Deps } from './deps.ts';
import { endLease } from './end-lease.ts';
import { endJob, endRun } from './end-run.ts';
import { onlineSince, serves } from './fleet.ts';

const batch = 100;
/** Longer than any GitHub sends a delivery again, so that one is known for as long as it may come. */
const keepDeliveriesMs = 8 * 86_400_000;

/** A test that was not flaky for so long is not known for it any more. */
const keepFlakyMs = 90 * 86_400_000;

/**
 * The work that time brings: leases that ran out, queue deadlines, clients that left; and what is over is
 * forgotten: session tokens, deliveries, quarantines. Call the
 * function it returns about once a second, never twice at a time. After a start, and after a pause of this process, every lease has one full life
 * before it may run out: neither agents nor clients could renew theirs meanwhile.
 */
export function createSweep(deps: Deps): () => Promise<void> {
  const pauseMs = Math.max(2000, deps.leaseMs / 3);
  let lastMs = performance.now();
  let reachableSince = deps.now();
  return async () => {
    const nowMs = performance.now();
    if (nowMs - lastMs > pauseMs) reachableSince = deps.now();
    lastMs = nowMs;
    if (deps.now() >= reachableSince + deps.leaseMs) await loseSilentLeases(deps);
    await endDueRuns(deps, reachableSince);
    const now = deps.now();
    await deps.store.transaction(async (tx) => {
      await tx.accounts.forgetDead(now, batch);
      await tx.deliveries.forgetEnded(now - keepDeliveriesMs, batch);
      await tx.quarantines.forgetOver(now, batch);
      await tx.flakyTests.forget(now - keepFlakyMs, batch);
    });
    lastMs = performance.now();
  };
}

async function loseSilentLeases(deps: Deps): Promise<void> {
  const now = deps.now();
  for (const { id } of await deps.store.read((tx) => tx.leases.expired(now, batch))) {
    await change(deps, async (changes) => {
      const lease = await changes.tx.leases.lock(id);
      // renewed or released since it was read
      if (lease?.status !== 'active' || lease.expiresAt > now) return;
      await endLease(changes, lease, 'lost');
    });
  }
}

async function endDueRuns(deps: Deps, reachableSince: number): Promise<void> {
  const now = deps.now();
  for (const run of await deps.store.read((tx) => tx.runs.due(now, batch))) {
    if (run.clientLeaseExpiresAt !== null && run.clientLeaseExpiresAt <= now) {
      if (now < reachableSince + (run.clientLeaseMs ?? 0)) continue;
      await change(deps, async (changes) => {
        const latest = await changes.tx.runs.find(run.id);
        if (!latest?.clientLeaseExpiresAt || latest.clientLeaseExpiresAt > now) return;
        await endRun(changes, run.id, {
          conclusion: 'cancelled',
          reasonCode: 'client_left',
          reason: 'Cancelled: the client that waited for this run has not renewed its lease.',
        });
        await changes.touchRun(run.id, { clientLeaseExpiresAt: null });
      });
    } else {
      await endUnstarted(deps, run);
    }
  }
}

/** Ends what no device has taken within the queue timeout; a job that ran once already had its turn. */
async function endUnstarted(deps: Deps, run: Run): Promise<void> {
  await change(deps, async (changes) => {
    const { tx, now } = changes;
    const online = await tx.agents.onlineDevices(onlineSince(deps, now));
    const fits = online.some(({ agent, device }) => serves(agent, run.orgId) && deviceFits(device, run));
    const jobs = await tx.jobs.ofRun(run.id);
    await changes.lockGroups(jobs.map((job) => job.groupId));
    for (const { id } of jobs) {
      const job = await tx.jobs.find(id);
      if (job?.status !== 'queued' || job.attempts > 0) continue;
      await endJob(changes, job, {
        conclusion: 'timed_out',
        reasonCode: fits ? 'queue_timeout' : 'no_compatible_device',
        reason: fits
          ? 'No device became free within the queue timeout. Allow more time, or add devices.'
          : 'No device that fits was online within the queue timeout. Start an agent with one, or ask for other devices.',
      });
    }
    await changes.touchRun(run.id, { queueDeadlineAt: null });
  });
}
