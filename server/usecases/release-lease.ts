import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { endLease } from './end-lease.ts';
import { findLease, type LeaseProof, leaseLost } from './lease-guard.ts';

/** Gives back the device and the jobs that have no result yet; releasing twice is no error. @throws DomainError `not_found`, `lease_lost` */
export async function releaseLease(
  deps: Deps,
  caller: Caller,
  proof: LeaseProof,
  why?: string,
): Promise<{ requeued: number }> {
  return change(deps, async (changes) => {
    const lease = await findLease(changes.tx, caller, proof);
    if (lease.status === 'released') return { requeued: 0 };
    if (lease.status === 'lost') throw leaseLost();
    return endLease(changes, lease, 'released', why);
  });
}
