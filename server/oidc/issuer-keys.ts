import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';

/** How long GitHub may take over discovery and keys together, ms. */
const timeoutMs = 5_000;
/** GitHub rotates its keys now and then: after so long they are fetched anew. */
const maxAgeMs = 600_000;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

export interface KeyOptions {
  /** A key that is not known makes the keys be fetched anew, at most this often, so that made-up ones hammer nobody. */
  cooldownMs: number;
}

/**
 * The keys of one issuer, found by its discovery document, fetched when first needed and again when they rotate.
 * @throws DomainError `issuer_unavailable` from what it returns; JWKSNoMatchingKey for a key the issuer does not have
 */
export function issuerKeys(issuer: string, { cooldownMs }: KeyOptions): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discover(issuer, cooldownMs);
    const asked = found;
    try {
      return await (await asked)(header, token);
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause;
      // the issuer may have moved its keys: the next token asks where they are
      if (found === asked) found = undefined;
      throw unavailable(issuer, cause);
    }
  };
}

async function discover(issuer: string, cooldownMs: number): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(timeoutMs / 2),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`discovery was answered ${response.status}`);
  const document = Discovery.parse(await response.json());
  if (document.issuer !== issuer) throw new Error('discovery is of another issuer');
  const url = new URL(document.jwks_uri);
  if (!isSafe(url, new URL(issuer))) throw new Error('jwks_uri is not https');
  return createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs / 2,
    cooldownDuration: cooldownMs,
    cacheMaxAge: maxAgeMs,
  });
}

/** Keys come encrypted, but for an issuer on this very machine. */
function isSafe(keys: URL, issuer: URL): boolean {
  return keys.protocol === 'https:' || (issuer.protocol === 'http:' && keys.host === issuer.host);
}

function unavailable(issuer: string, cause: unknown): DomainError {
  const error = new DomainError(
    'issuer_unavailable',
    `The keys of ${issuer} cannot be had at the moment. Send the token again in a few seconds.`,
  );
  error.cause = cause;
  return error;
}
