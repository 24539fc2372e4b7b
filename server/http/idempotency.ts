import type { IncomingMessage } from 'node:http';
import { DomainError } from '../domain/errors.ts';
import type { Deps, Idempotency } from '../usecases/deps.ts';
import { validationFailed } from './problems.ts';

/**
 * The Idempotency-Key of a request and the digest of what it asks for; null where there is none.
 * @param body as its schema read it, so that the digest is the same however the JSON was laid out
 * @throws DomainError `validation_failed`
 */
export function idempotencyOf(
  { sha256 }: Pick<Deps, 'sha256'>,
  { method, url, headers }: IncomingMessage,
  body: unknown,
): Idempotency | null {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw validationFailed([{ path: 'headers.idempotency-key', message: '1 to 255 visible ASCII characters' }]);
  }
  return { key, requestHash: sha256(`${method} ${url}\n${JSON.stringify(body ?? null)}`) };
}

/** Does `work`, unless a request with the same key of the same caller is being answered already. */
export type Alone = <T>(scope: string, idempotency: Idempotency | null, work: () => Promise<T>) => Promise<T>;

/**
 * Keeps track of the idempotency keys whose first request is not answered yet, in this process.
 * @throws DomainError `idempotency_in_flight` from what it returns
 */
export function createAlone(): Alone {
  const inFlight = new Set<string>();
  return async (scope, idempotency, work) => {
    if (!idempotency) return work();
    const key = `${scope} ${idempotency.key}`;
    if (inFlight.has(key)) {
      throw new DomainError(
        'idempotency_in_flight',
        'The first request with this Idempotency-Key is still being answered. Send it again in a moment.',
      );
    }
    inFlight.add(key);
    try {
      return await work();
    } finally {
      inFlight.delete(key);
    }
  };
}
