import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { holdJob, holdLease, type LeaseProof } from './lease-guard.ts';

/** The job's runner has been started. @throws DomainError `not_found`, `lease_lost`, `illegal_transition` */
export async function startJob(deps: Deps, caller: Caller, proof: LeaseProof, jobId: string): Promise<void> {
  await change(deps, async (changes) => {
    const lease = await holdLease(changes.tx, caller, proof);
    await changes.lockGroups([lease.groupId]);
    const job = await holdJob(changes.tx, lease, jobId);
    if (job.status === 'running') return;
    await changes.move(job, 'started', { attemptStartedAt: changes.now, startedAt: job.startedAt ?? changes.now });
  });
}
