import type { z } from 'zod';
import type { CreateKey } from '../../contract/org.ts';
import { makeApiKey } from '../domain/api-key.ts';
import { DomainError } from '../domain/errors.ts';
import type { ApiKey } from '../domain/model.ts';
import { mustBeOperator, notFound } from './authorise.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { mustKnow } from './manage-orgs.ts';
import { once } from './once.ts';
import type { KeyView } from './views.ts';

/**
 * A new key of an organisation. Only its hash is kept, so its text is in this answer and nowhere else: the same request
 * again, told by its idempotency key, is refused rather than answered without it.
 * @throws DomainError `not_found`, `forbidden` for a shared key not asked for by the operator, `idempotency_key_reused`
 */
export async function createKey(
  deps: Deps,
  caller: Caller,
  orgId: string,
  body: z.output<typeof CreateKey>,
  randomBytes: () => Uint8Array,
  idempotency: Idempotency | null,
): Promise<{ key: KeyView; text: string }> {
  if (body.shared) mustBeOperator(caller);
  if (body.shared && body.role !== 'agent') {
    const errors = [{ path: 'body.shared', message: "only a key of role 'agent' can be shared" }];
    throw new DomainError('validation_failed', 'Leave out shared, or make it an agent key.', { errors });
  }
  const now = deps.now();
  const text = makeApiKey(randomBytes());
  const key: ApiKey = {
    id: deps.newId('key'),
    orgId,
    role: body.role,
    name: body.name,
    hash: deps.sha256(text),
    shared: body.shared ?? false,
    createdAt: now,
    expiresAt: body.expires_at === undefined ? null : Date.parse(body.expires_at),
    revokedAt: null,
    lastUsedAt: null,
    trustPolicyId: null,
    workflow: null,
  };
  const madeId = await deps.store.transaction((tx) =>
    once(tx, caller, idempotency, now, async () => {
      mustKnow(caller, await tx.orgs.find(orgId), orgId);
      await tx.accounts.insertKey(key);
      return key.id;
    }),
  );
  if (madeId !== key.id) {
    throw new DomainError(
      'idempotency_key_reused',
      `This request made key ${madeId} before; its text was shown then and is not kept. Revoke it and make another.`,
    );
  }
  return { key: withoutHash(key), text };
}

/** Those not revoked, newest first: keys that people made, or the session tokens of workflows. @throws DomainError `not_found` */
export async function listKeys(
  deps: Deps,
  caller: Caller,
  orgId: string,
  which: 'keys' | 'sessions',
): Promise<KeyView[]> {
  return deps.store.read(async (tx) => {
    mustKnow(caller, await tx.orgs.find(orgId), orgId);
    const keys = which === 'keys' ? await tx.accounts.listKeys(orgId) : await tx.accounts.listSessions(orgId);
    return keys.filter((key) => key.revokedAt === null).map(withoutHash);
  });
}

/** @throws DomainError `not_found` */
export async function revokeKey(deps: Deps, caller: Caller, orgId: string, id: string): Promise<void> {
  const now = deps.now();
  await deps.store.transaction(async (tx) => {
    mustKnow(caller, await tx.orgs.find(orgId), orgId);
    if (!(await tx.accounts.revokeKey(orgId, id, now))) throw notFound('key', id);
  });
}

function withoutHash({ hash: _, ...key }: ApiKey): KeyView {
  return key;
}
