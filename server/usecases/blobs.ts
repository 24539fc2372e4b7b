import { DomainError } from '../domain/errors.ts';
import { mustActFor } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';

/**
 * The size of bytes the caller may have: those its organisation has uploaded. Knowing a hash is no right to the bytes.
 * The operator and shared agents may have any, or one organisation's when they name it.
 * @throws DomainError `org_mismatch`, `not_found`
 */
export async function findBlob(
  deps: Deps,
  caller: Caller,
  sha256: string,
  orgId: string | undefined,
): Promise<{ size: number }> {
  if (orgId !== undefined) mustActFor(caller, orgId);
  const owner = orgId ?? caller.orgId;
  const known = await deps.store.read((tx) =>
    owner === null ? tx.accounts.findAnyBlob(sha256) : tx.accounts.findBlob(owner, sha256),
  );
  if (!known) throw new DomainError('not_found', `There are no bytes ${sha256} here. Upload them first.`);
  return { size: known.sizeBytes };
}

/**
 * Keeps bytes for an organisation. Those it has already are not read again; those that only another has are read and
 * verified, since who can name a hash need not have the bytes.
 * @throws DomainError `org_mismatch`, `validation_failed` when the operator names no organisation, `blob_hash_mismatch`,
 * `payload_too_large`, `storage_full`
 */
export async function storeBlob(
  deps: Deps,
  caller: Caller,
  sha256: string,
  orgId: string | undefined,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ created: boolean }> {
  if (orgId !== undefined) mustActFor(caller, orgId);
  const owner = orgId ?? caller.orgId;
  if (owner === null) {
    const errors = [{ path: 'query.org_id', message: 'name the organisation the bytes belong to' }];
    throw new DomainError('validation_failed', 'Add ?org_id=… to the address.', { errors });
  }
  if (await deps.store.read((tx) => tx.accounts.findBlob(owner, sha256))) return { created: false };
  const sizeBytes = await deps.blobs.put(sha256, source, maxBytes);
  const now = deps.now();
  await deps.store.transaction((tx) => tx.accounts.insertBlob({ orgId: owner, sha256, sizeBytes, createdAt: now }));
  return { created: true };
}
