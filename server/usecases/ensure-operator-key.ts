import { makeApiKey } from '../domain/api-key.ts';
import type { Deps } from './deps.ts';

/**
 * Makes the operator's key known: the one given (`QGJOB_BOOTSTRAP_KEY`), or, on a store without any key, a new one.
 * @returns the new key, shown this once; null when none was made
 */
export async function ensureOperatorKey(
  deps: Pick<Deps, 'store' | 'now' | 'newId' | 'sha256'>,
  given: string | null,
  randomBytes: () => Uint8Array,
): Promise<string | null> {
  const now = deps.now();
  return deps.store.transaction(async (tx) => {
    if (given === null && (await tx.accounts.hasKeys())) return null;
    const text = given ?? makeApiKey(randomBytes());
    const hash = deps.sha256(text);
    if (await tx.accounts.findKeyByHash(hash)) return null;
    await tx.accounts.insertKey({
      id: deps.newId('key'),
      orgId: null,
      role: 'admin',
      name: given === null ? 'made at the first start' : 'QGJOB_BOOTSTRAP_KEY',
      hash,
      shared: false,
      createdAt: now,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      trustPolicyId: null,
      workflow: null,
    });
    return given === null ? text : null;
  });
}
