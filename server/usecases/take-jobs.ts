import type { Device, Group, Job, Lease } from '../domain/model.ts';
import type { Policy } from '../domain/policy.ts';
import { advanceStreak, batchSize } from '../domain/scheduler.ts';
import type { Changes } from './changes.ts';
import type { LeasedJobView } from './views.ts';

/** Puts up to `wanted` waiting jobs of a locked group under a lease, and counts them towards the device's streak. */
export async function takeJobs(
  changes: Changes,
  lease: Lease,
  group: Pick<Group, 'id' | 'orgId' | 'appVersionId'>,
  device: Device,
  wanted: number,
  policy: Policy,
): Promise<LeasedJobView[]> {
  const heads = await changes.tx.jobs.heads(group.id, batchSize(device, group, wanted, policy));
  const taken: LeasedJobView[] = [];
  for (const job of heads) {
    if (await ranUnder(changes, job, lease)) break;
    const moved = await changes.move(job, 'claimed', {
      leaseId: lease.id,
      attempts: job.attempts + 1,
      attemptStartedAt: null,
      reason: null,
      reasonCode: null,
    });
    taken.push(await leasedJob(changes, moved));
  }
  if (taken.length > 0) {
    const streak = advanceStreak(device, group, taken.length, changes.now);
    await changes.tx.agents.saveDevice({ ...device, ...streak, state: 'busy' });
  }
  return taken;
}

/**
 * A job to be tried again is taken under another lease, so that a result sent twice can never pass for the result of the
 * next attempt.
 */
async function ranUnder({ tx }: Changes, job: Job, lease: Lease): Promise<boolean> {
  if (job.attempts === 0) return false;
  return (await tx.results.ofJob(job.id)).some((attempt) => attempt.leaseId === lease.id);
}

async function leasedJob(changes: Changes, job: Job): Promise<LeasedJobView> {
  const { project, timeoutSeconds, reset, bundleSha256 } = await changes.run(job.runId);
  return { id: job.id, attempt: job.attempts, testPath: job.testPath, project, timeoutSeconds, reset, bundleSha256 };
}
