import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { WorkflowClaims } from '../domain/trust.ts';
import { issuerKeys } from './issuer-keys.ts';
import type { Oidc } from './oidc.ts';

/** How far two clocks may be apart. */
const skewSeconds = 60;
/** GitHub's tokens live five minutes; whatever its issuer says, none is taken for longer. */
const maxAgeSeconds = 3_600;
const defaultCooldownMs = 30_000;

export interface OidcOptions {
  audience: string;
  issuers: readonly string[];
  /** The server's clock, ms since the epoch. */
  now?: () => number;
  /** See `KeyOptions`; 30 s unless told. */
  cooldownMs?: number;
}

/** GitHub writes numbers as text. */
const number = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);

const Claims = z.object({
  jti: z.string().min(1).max(255),
  exp: z.number(),
  repository: z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/),
  repository_id: number,
  repository_owner_id: number,
  ref: z.string().optional(),
  environment: z.string().optional(),
  event_name: z.string().min(1).max(64),
  job_workflow_ref: z.string().optional(),
  run_id: number,
  run_attempt: number,
});

/** Verifies tokens by jose: RS256 and nothing else, keys from the issuers' own discovery. */
export function createOidc({ audience, issuers, now = Date.now, cooldownMs = defaultCooldownMs }: OidcOptions): Oidc {
  const keys = new Map(issuers.map((issuer) => [issuer, issuerKeys(issuer, { cooldownMs })]));
  return {
    audience,
    issuers,
    async verify(token) {
      const issuer = unverifiedIssuer(token);
      const key = keys.get(issuer);
      if (!key) throw refused(`This server takes no tokens of their issuer. It takes those of ${issuers.join(', ')}.`);
      const payload = await verifySignature(token, key, { audience, issuer, currentDate: new Date(now()) });
      const { jti, exp, claims } = readClaims(payload, issuer);
      return { jti, deadAt: (exp + skewSeconds) * 1000, claims };
    },
  };
}

/** What the token says of itself, to know whose keys to try; nothing else is read of it before it is verified. */
function unverifiedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw refused('This is no token of GitHub Actions. Send what core.getIDToken(audience) returns.');
  }
}

async function verifySignature(
  token: string,
  key: JWTVerifyGetKey,
  expected: { audience: string; issuer: string; currentDate: Date },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...expected,
      algorithms: ['RS256'],
      clockTolerance: skewSeconds,
      maxTokenAge: maxAgeSeconds,
      requiredClaims: ['exp', 'iat', 'jti'],
    });
    return payload;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw refused(whyRefused(error, expected.audience));
  }
}

/** Of a token that its issuer did sign, what its holder can do about it; of any other, nothing. */
function whyRefused(error: unknown, audience: string): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired. Ask GitHub for a new one.';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return `The token is for another audience. Ask GitHub for one for ${audience}.`;
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `The token's claim ${error.claim} is missing or wrong. Ask GitHub for a new one, and see that the clocks are right.`;
  }
  return 'The token is not one that its issuer has signed. Send what core.getIDToken(audience) returns, unchanged.';
}

function readClaims(payload: JWTPayload, issuer: string): { jti: string; exp: number; claims: WorkflowClaims } {
  const { success, data, error } = Claims.safeParse(payload);
  if (!success) {
    const names = [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', ');
    throw refused(`The token is of no workflow run: its claims ${names} are missing or are not as GitHub writes them.`);
  }
  const claims: WorkflowClaims = {
    issuer,
    repository: data.repository,
    repositoryId: data.repository_id,
    repositoryOwnerId: data.repository_owner_id,
    ref: data.ref ?? null,
    environment: data.environment ?? null,
    eventName: data.event_name,
    jobWorkflowRef: data.job_workflow_ref ?? null,
    runId: data.run_id,
    runAttempt: data.run_attempt,
  };
  return { jti: data.jti, exp: data.exp, claims };
}

function refused(detail: string): DomainError {
  return new DomainError('unauthenticated', detail);
}
