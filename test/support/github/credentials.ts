import { randomBytes } from 'node:crypto';
import { importSPKI, jwtVerify } from 'jose';
import { type Caller, Refusal } from './exchange.ts';
import type { App, Installation, InstallationToken, Permissions, State } from './state.ts';

const badCredentials = () => new Refusal(401, 'Bad credentials');

/** Milliseconds after minting during which a token is refused still, as when GitHub's replicas lag. */
export interface TokenRules {
  lifetimeMs: number;
  replicationMs: number;
}

/**
 * Finds out who asks.
 * @param foreign called with a token that this GitHub never issued: another host's has been sent here
 * @throws Refusal 401 or 403, in GitHub's words
 */
export async function identify(
  state: State,
  authorization: string | undefined,
  now: number,
  rules: TokenRules,
  foreign: (token: string) => void,
): Promise<Caller> {
  if (authorization === undefined) return { kind: 'nobody' };
  const [, scheme = '', credential = ''] = /^(\S+) (\S+)$/.exec(authorization) ?? [];
  if (!/^(bearer|token)$/i.test(scheme)) throw badCredentials();
  if (state.personalTokens.has(credential)) return { kind: 'person' };
  if (credential.startsWith('ghs_')) {
    const token = state.tokens.get(credential);
    if (!token) foreign(credential);
    if (!token || now >= token.expiresAt || now < token.mintedAt + rules.replicationMs) throw badCredentials();
    const { installation } = token;
    if (state.installations.get(installation.id) !== installation) throw badCredentials();
    if (installation.suspendedAt !== null) throw new Refusal(403, 'This installation has been suspended');
    return { kind: 'installation', app: installation.app, installation, token };
  }
  if (credential.split('.').length === 3) return { kind: 'app', app: await verifyAppJwt(state, credential, now) };
  throw badCredentials();
}

async function verifyAppJwt(state: State, jwt: string, now: number): Promise<App> {
  const claims = readClaims(jwt);
  const app = [...state.apps.values()].find(({ id, clientId }) => [String(id), clientId].includes(String(claims.iss)));
  if (!app) throw new Refusal(401, "'Issuer' claim ('iss') must be an Integer or a client id");
  const { exp, iat } = claims;
  const seconds = now / 1_000;
  if (typeof exp !== 'number' || exp <= seconds) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > seconds + 600) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== 'number' || iat > seconds) {
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  for (const key of app.publicKeys) {
    const verified = await jwtVerify(jwt, await importSPKI(key, 'RS256'), {
      algorithms: ['RS256'],
      currentDate: new Date(now),
    }).catch(() => undefined);
    if (verified) return app;
  }
  throw new Refusal(401, 'A JSON web token could not be decoded');
}

function readClaims(jwt: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  } catch {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
}

/** A token of the form in use since April 2026: `ghs_APPID_JWT`, 520 characters, with dots. */
export function mintToken(
  state: State,
  installation: Installation,
  scope: { permissions: Permissions; repositoryIds: number[] | null },
  now: number,
  rules: TokenRules,
): InstallationToken {
  const start = `ghs_${installation.app.id}_`;
  const random = randomBytes(400)
    .toString('base64url')
    .slice(0, 518 - start.length);
  const token = `${start}${random.slice(0, 90)}.${random.slice(90, 300)}.${random.slice(300)}`;
  const minted = { token, installation, ...scope, mintedAt: now, expiresAt: now + rules.lifetimeMs };
  state.tokens.set(token, minted);
  return minted;
}
