import { DomainError } from '../domain/errors.ts';
import type { Job, Lease } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import { notFound } from './authorise.ts';
import type { Caller } from './deps.ts';

/** The lease a request names, and the token it shows for it. */
export interface LeaseProof {
  id: string;
  token: string;
}

/** The lease, whatever became of it. @throws DomainError `not_found`, `lease_lost` for a wrong token */
export async function findLease(tx: Tx, caller: Caller, { id, token }: LeaseProof): Promise<Lease> {
  const lease = await tx.leases.find(id);
  // as with jobs: another organisation's agent is told the same as of a lease that never was
  if (!lease || (caller.orgId !== null && lease.orgId !== caller.orgId)) throw notFound('lease', id);
  if (!sameText(lease.token, token)) throw leaseLost();
  return lease;
}

/** The lease, if it is active. @throws DomainError `not_found`, `lease_lost` */
export async function holdLease(tx: Tx, caller: Caller, proof: LeaseProof): Promise<Lease> {
  const lease = await findLease(tx, caller, proof);
  if (lease.status !== 'active') throw leaseLost();
  return lease;
}

/** A job under the lease. @throws DomainError `not_found` for a job of another group, `lease_lost` for one that is not under it any more */
export async function holdJob(tx: Tx, lease: Lease, jobId: string): Promise<Job> {
  const job = await tx.jobs.find(jobId);
  if (!job || job.groupId !== lease.groupId) throw notFound('job', jobId);
  if (job.leaseId !== lease.id) throw leaseLost();
  return job;
}

export function leaseLost(): DomainError {
  return new DomainError(
    'lease_lost',
    'This lease is over or its token is wrong. Drop the work and claim anew; do not retry.',
  );
}

/** Takes the same time wherever two texts differ. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
