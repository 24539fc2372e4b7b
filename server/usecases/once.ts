import { DomainError } from '../domain/errors.ts';
import type { Tx } from '../store/store.ts';
import { scopeOf } from './authorise.ts';
import type { Caller, Idempotency } from './deps.ts';

/**
 * Does `work` once for an idempotency key: the same request again is told what the first was told. The answer is stored
 * with the work itself, in one transaction, so that neither exists without the other. Null says that there was nothing to do.
 * @throws DomainError `idempotency_key_reused` when the key came with another request before
 */
export async function once<T>(
  tx: Tx,
  caller: Caller,
  idempotency: Idempotency | null,
  now: number,
  work: () => Promise<T>,
): Promise<T> {
  if (!idempotency) return work();
  const scope = scopeOf(caller);
  const earlier = await tx.accounts.findAnswer(scope, idempotency.key);
  if (earlier) {
    if (earlier.requestHash !== idempotency.requestHash) {
      throw new DomainError(
        'idempotency_key_reused',
        'This Idempotency-Key was sent with another request before. Send a new key, or the same request.',
      );
    }
    // safe because the hash covers the route: this is what the same use-case returned
    return earlier.answer as T;
  }
  const answer = await work();
  // nothing was done: the key stays good for the request that does it
  if (answer === null) return answer;
  await tx.accounts.insertAnswer({ scope, ...idempotency, answer, createdAt: now });
  return answer;
}
