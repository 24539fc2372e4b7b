import type { IncomingMessage } from 'node:http';
import type { Deps, Idempotency } from '../usecases/deps.ts';
import { validationFailed } from './problems.ts';

/**
 * The Idempotency-Key of a request and the digest of what it asks for, which is the same however its JSON is laid out.
 * Null where there is none.
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
  return { key, requestHash: sha256(`${method} ${url}\n${canonicalJson(body)}`) };
}

/** JSON with the properties of every object in the order of their names. */
function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}
