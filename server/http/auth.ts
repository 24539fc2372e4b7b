import type { IncomingMessage } from 'node:http';
import type { Route } from '../../contract/route.ts';
import { looksLikeApiKey } from '../domain/api-key.ts';
import { DomainError } from '../domain/errors.ts';
import { mustBeOperator } from '../usecases/authorise.ts';
import type { Caller } from '../usecases/deps.ts';
import type { KnownKeys } from './known-keys.ts';
import { HttpError } from './problems.ts';

export interface Authenticated {
  caller: Caller;
  keyText: string;
  keyExpiresAt: number | null;
}

/**
 * Who calls a route, and whether they may.
 * @throws DomainError `unauthenticated`, `forbidden`
 */
export async function authenticateRequest(
  keys: KnownKeys,
  incoming: IncomingMessage,
  route: Route,
): Promise<Authenticated> {
  const keyText = presentedKey(incoming, route);
  if (keyText === undefined) throw unauthenticated(incoming, 'Send Authorization: Bearer <API key>.');
  const known = looksLikeApiKey(keyText) ? await keys.find(keyText) : null;
  if (!known) throw unauthenticated(incoming, 'This API key is mistyped, unknown, revoked or expired.');
  mustHaveRole(known.caller, route);
  return { caller: known.caller, keyText, keyExpiresAt: known.expiresAt };
}

/** Of a request whose key was good when it came. */
export function keyRefused(incoming: IncomingMessage): HttpError {
  return unauthenticated(incoming, 'This API key has been revoked or has expired.');
}

function presentedKey({ headers }: IncomingMessage, route: Route): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const bearer = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization);
  if (bearer) return bearer[1];
  // A browser sends Basic by itself wherever it was once asked: where a request changes something, only to what checks its form.
  const basic = route.method === 'GET' || route.isPageForm ? /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) : null;
  if (!basic?.[1]) return undefined;
  const pair = Buffer.from(basic[1], 'base64').toString();
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}

/** People at a browser are asked for the key as a password; programs are told what to send. */
function unauthenticated({ method, headers }: IncomingMessage, detail: string): HttpError {
  const fromBrowser = method === 'GET' && (headers.accept ?? '').includes('text/html');
  const challenge = fromBrowser ? 'Basic realm="qgjob: any name, the API key as password", charset="UTF-8"' : 'Bearer';
  return new HttpError('unauthenticated', detail, { 'www-authenticate': challenge });
}

function mustHaveRole(caller: Caller, route: Route): void {
  const { role } = caller;
  const needed = route.role;
  if (needed === 'operator') {
    mustBeOperator(caller);
    return;
  }
  if (needed === 'any' || needed === 'public' || role === needed || role === 'admin') return;
  if (needed === 'read' && role === 'submit') return;
  if (needed === 'submit or agent' && role !== 'read') return;
  throw new DomainError('forbidden', `This needs a key with the role ${needed}; yours has the role ${role}.`);
}
