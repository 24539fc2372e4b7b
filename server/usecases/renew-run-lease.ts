import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';

/**
 * The client of a run still waits for it. Null when the run has no client lease, awaits approval, or has
 * completed.
 * @throws DomainError `not_found`
 */
export async function renewRunLease(
  deps: Deps,
  caller: Caller,
  of: { runId: string } | { jobId: string },
): Promise<{ expiresInMs: number | null }> {
  const now = deps.now();
  return deps.store.transaction(async (tx) => {
    const job = 'jobId' in of ? mustSee(caller, await tx.jobs.find(of.jobId), 'job', of.jobId) : null;
    const runId = 'runId' in of ? of.runId : (job?.runId ?? '');
    const run = mustSee(caller, await tx.runs.lock(runId), 'run', runId);
    if (run.clientLeaseMs === null || run.status === 'completed' || run.awaitingApproval) return { expiresInMs: null };
    await tx.runs.save({ ...run, clientLeaseExpiresAt: now + run.clientLeaseMs }, run.version);
    return { expiresInMs: run.clientLeaseMs };
  });
}
