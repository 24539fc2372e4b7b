import { zeroCounts } from '../domain/counts.ts';
import { afterLease } from '../domain/device-rest.ts';
import { chargeUse } from '../domain/fairness.ts';
import { allTargets } from '../domain/grouping.ts';
import type { Job, Lease } from '../domain/model.ts';
import { plainLine } from '../domain/plain-text.ts';
import { placeOf } from '../domain/retry-place.ts';
import { settle, settleLost } from '../domain/settle.ts';
import type { Changes } from './changes.ts';
import { applySettlement, budgetsOf } from './settle-job.ts';

/**
 * Ends a lease and gives back the jobs under it. `released`: the agent did so, `why` being its
 * words for it, and nothing is held against the jobs.
 * `lost`: it fell silent.
 */
export async function endLease(
  changes: Changes,
  lease: Lease,
  how: 'released' | 'lost',
  why?: string,
): Promise<{ requeued: number }> {
  const { tx, now } = changes;
  await changes.lockGroups([lease.groupId]);
  let requeued = 0;
  for (const job of await tx.jobs.ofLease(lease.id)) {
    const left = how === 'lost' ? await lose(changes, lease, job) : await giveBack(changes, lease, job, why);
    if (left.status === 'queued') requeued++;
  }
  await tx.leases.save({ ...lease, status: how, endedAt: now });
  const org = await tx.orgs.lock(lease.orgId);
  if (org) {
    await tx.orgs.save({ ...org, usageMs: chargeUse(org.usageMs, now - lease.createdAt) });
  }
  const device = await tx.agents.findDevice(lease.agentId, lease.deviceId);
  if (device) await tx.agents.saveDevice(afterLease(device, how, now));
  // what it leaves behind may now be worth another device, and a device that stood aside is not asked by the clock
  const group = await tx.groups.find(lease.groupId);
  if (group && group.queued > 0) changes.workArrived(group.target);
  // an organisation at its limit may go on anywhere, also on devices that nothing of this lease fits
  if (org && org.maxActiveJobs !== null) for (const target of allTargets) changes.workArrived(target);
  return { requeued };
}

async function giveBack(changes: Changes, lease: Lease, job: Job, why: string | undefined): Promise<Job> {
  const run = await changes.run(job.runId);
  const settlement = settle(job, budgetsOf(run), { outcome: 'cancelled', tests: [], errors: [] });
  const told =
    settlement.kind === 'requeued' && why !== undefined ? { ...settlement, reason: plainLine(why, 300) } : settlement;
  const wasStopped = job.status === 'running' && settlement.kind === 'completed';
  return applySettlement(changes, job, told, {
    attemptCounts: wasStopped,
    place: placeOf(lease.agentName, lease.deviceId),
  });
}

async function lose(changes: Changes, lease: Lease, job: Job): Promise<Job> {
  const started = job.status === 'running';
  const run = await changes.run(job.runId);
  const earlier = await changes.tx.results.ofJob(job.id);
  const agents = [...earlier.filter((a) => a.outcome === 'lost').map((a) => a.agent), lease.agentName];
  const settlement = settleLost(job, budgetsOf(run), agents, started);
  if (started) {
    await changes.tx.results.insert({
      jobId: job.id,
      number: job.attempts,
      agent: lease.agentName,
      device: lease.deviceId,
      leaseId: lease.id,
      outcome: 'lost',
      startedAt: job.attemptStartedAt,
      endedAt: changes.now,
      durationMs: changes.now - (job.attemptStartedAt ?? changes.now),
      install: lease.installAttributed ? null : lease.install,
      counts: zeroCounts(),
      errors: [{ message: settlement.reason ?? 'The agent fell silent.' }],
      tests: [],
      resultHash: null,
    });
  }
  return applySettlement(changes, job, settlement, {
    attemptCounts: started,
    place: placeOf(lease.agentName, lease.deviceId),
  });
}
