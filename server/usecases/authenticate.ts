import type { Caller, Deps } from './deps.ts';

/** Who an API key stands for; null when it is unknown, revoked or expired. Not cached: the caller decides for how long. */
export async function authenticate(
  deps: Deps,
  keyText: string,
): Promise<{ caller: Caller; expiresAt: number | null } | null> {
  const now = deps.now();
  const key = await deps.store.read((tx) => tx.accounts.findKeyByHash(deps.sha256(keyText)));
  if (!key || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return null;
  const { id, orgId, role, shared, name, expiresAt, workflow } = key;
  return { caller: { keyId: id, orgId: shared ? null : orgId, role, shared, name, workflow }, expiresAt };
}

/** Notes that a key is in use; call it seldom, once a minute for each key is enough. */
export async function touchKey(deps: Deps, keyId: string): Promise<void> {
  const now = deps.now();
  await deps.store.transaction((tx) => tx.accounts.touchKey(keyId, now));
}
