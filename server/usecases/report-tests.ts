import type { TestResult } from '../../contract/job.ts';
import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { holdJob, holdLease, type LeaseProof } from './lease-guard.ts';

/** Tests that have just ended, for those who watch; the result repeats them. @throws DomainError `not_found`, `lease_lost` */
export async function reportTests(
  deps: Deps,
  caller: Caller,
  proof: LeaseProof,
  jobId: string,
  tests: TestResult[],
): Promise<void> {
  await change(deps, async (changes) => {
    const lease = await holdLease(changes.tx, caller, proof);
    const job = await holdJob(changes.tx, lease, jobId);
    await changes.tell(job.runId, 'test', { job_id: job.id, attempt: job.attempts, test_path: job.testPath, tests });
  });
}
