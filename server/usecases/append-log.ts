import type { Caller, Deps } from './deps.ts';
import { holdJob, holdLease, type LeaseProof } from './lease-guard.ts';

/**
 * Appends to the log of a job's present attempt.
 * @returns the log's size afterwards
 * @throws DomainError `not_found`, `lease_lost`, `offset_mismatch` with the size, `storage_full`
 */
export async function appendLog(
  deps: Deps,
  caller: Caller,
  proof: LeaseProof,
  jobId: string,
  offset: number,
  bytes: Uint8Array,
): Promise<number> {
  const job = await deps.store.read(async (tx) => holdJob(tx, await holdLease(tx, caller, proof), jobId));
  const size = await deps.logs.append(job.id, job.attempts, offset, bytes);
  deps.signals.runChanged(job.runId);
  return size;
}
