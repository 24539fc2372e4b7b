import type { IncomingMessage } from 'node:http';
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
