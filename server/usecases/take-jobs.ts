import type { Device, Group, Job, Lease } from '../domain/model.ts';
import type { Policy } from '../domain/policy.ts';
import { atWork } from '../domain/scheduler/turn.ts';
import type { Changes } from './changes.ts';
import type { LeasedJobView } from './views.ts';

/** Puts waiting jobs of a locked group under a lease, and notes on the device what it is at. */
export async function takeJobs(
  changes: Changes,
  lease: Lease,
  { group, heads, device }: { group: Group; heads: readonly Job[]; device: Device },
  policy: Policy,
): Promise<LeasedJobView[]> {
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
    const at = atWork(device, group, { now: changes.now, policy });
    await changes.tx.agents.saveDevice({ ...device, ...at, state: 'busy' });
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
