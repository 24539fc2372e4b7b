import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface IssuerOptions {
  /** Claims of every token, over those of `workflowClaims`; one that is undefined is left out of the token. */
  claims?: Claims;
  /** The issuer's path: none as github.com, `/slug` as an enterprise's, `/_services/token` as a GitHub Enterprise Server's. */
  path?: string;
  /** `names` as repositories have had them, `ids` (`repo:org@1/name@2:…`) as newer ones have, `custom` as an organisation may choose. */
  subject?: keyof typeof subjects;
}

export type Claims = Record<string, unknown>;

/** A key that an issuer signs with, and the header it puts on top. */
interface SigningKey {
  privateKey: CryptoKey;
  jwk: JWK & { kid: string };
}

export interface OidcIssuer {
  /** What tokens say in `iss`: `http://127.0.0.1:PORT` and the path. A server takes it by QGJOB_OIDC_ISSUERS. */
  issuer: string;
  /** What the runner sets in a job with `id-token: write`: ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  env: { ACTIONS_ID_TOKEN_REQUEST_URL: string; ACTIONS_ID_TOKEN_REQUEST_TOKEN: string };
  /** Claims of tokens from here on, over those given at the start. */
  claims: Claims;
  /** A signed token, as `core.getIDToken(audience)` gets one. Overrides of claims; undefined leaves one out. */
  token(audience: string, claims?: Claims): Promise<string>;
  /** The key of today: to forge with its name, or to sign what the runner would not. */
  key: SigningKey;
  /** From now on tokens are signed with a new key; the one before is published no more. */
  rotateKey(): Promise<void>;
  /** How requests are answered from here on: properly, with 500, or never. */
  answers: 'normally' | 'with 500' | 'never';
  /** Replaces what discovery says. */
  discovery: Record<string, unknown>;
  /** The paths that were asked for, oldest first. */
  requests: string[];
  stop(): Promise<void>;
}

/** What a workflow of `acme/shop`, run by a pull request, says of itself. GitHub writes every number as text. */
export const workflowClaims = {
  repository: 'acme/shop',
  repository_id: '1001',
  repository_owner: 'acme',
  repository_owner_id: '2002',
  repository_visibility: 'private',
  ref: 'refs/pull/7/merge',
  ref_type: 'branch',
  sha: 'c'.repeat(40),
  head_ref: 'feature',
  base_ref: 'main',
  event_name: 'pull_request',
  workflow: 'e2e',
  workflow_ref: 'acme/shop/.github/workflows/e2e.yml@refs/pull/7/merge',
  job_workflow_ref: 'acme/shop/.github/workflows/e2e.yml@refs/pull/7/merge',
  actor: 'octocat',
  actor_id: '3003',
  run_id: '4004',
  run_number: '12',
  run_attempt: '1',
  runner_environment: 'github-hosted',
};

const subjects = {
  names: ({ repository }: Claims) => `repo:${repository}:pull_request`,
  ids: ({ repository, repository_id, repository_owner, repository_owner_id }: Claims) =>
    `repo:${repository_owner}@${repository_owner_id}/${String(repository).split('/')[1]}@${repository_id}:pull_request`,
  custom: () => 'environment:anything:an organisation likes',
};

/** GitHub's tokens live this long. */
const tokenSeconds = 300;

/**
 * GitHub's OIDC issuer on loopback, for one test: discovery, its keys (RS256), and the runner's endpoint that gives a workflow its
 * token. `env` is what a job's process needs for `core.getIDToken()`; a server trusts the issuer when QGJOB_OIDC_ISSUERS names
 * `issuer`. Tokens carry `workflowClaims` (`acme/shop`, repository id 1001, owner id 2002), `claims` on top, and a new `jti` each.
 *
 * @example
 * const issuer = await startOidcIssuer({ claims: { event_name: 'push' } });
 * const server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: null } });
 * spawn(node, ['dist/index.js'], { env: { ...env, ...issuer.env } });
 */
export async function startOidcIssuer({
  claims = {},
  path = '',
  subject = 'names',
}: IssuerOptions = {}): Promise<OidcIssuer> {
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // safe because it listens on TCP
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = origin + path;
  const requestToken = randomBytes(24).toString('hex');

  const running: OidcIssuer = {
    issuer,
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/runner/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    },
    claims,
    key: await makeKey(),
    answers: 'normally',
    discovery: {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks`,
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
    requests: [],
    async token(audience, overrides = {}) {
      const now = Math.floor(Date.now() / 1000);
      const own: Claims = { ...workflowClaims, ...running.claims, ...overrides };
      const payload: JWTPayload = {
        iss: issuer,
        aud: audience,
        jti: randomUUID(),
        iat: now,
        nbf: now - 300,
        exp: now + tokenSeconds,
        sub: subjects[subject](own),
        ...own,
      };
      const { privateKey, jwk } = running.key;
      return new SignJWT(payload).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: jwk.kid }).sign(privateKey);
    },
    async rotateKey() {
      running.key = await makeKey();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    running.requests.push(url.pathname);
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (running.answers === 'never') return;
    if (running.answers === 'with 500') return void send(500, { message: 'Server Error' });
    if (url.pathname === `${path}/.well-known/openid-configuration`) return void send(200, running.discovery);
    if (url.pathname === `${path}/.well-known/jwks`) return void send(200, { keys: [running.key.jwk] });
    if (url.pathname !== '/runner/token') return void send(404, { message: 'Not Found' });
    if (request.headers.authorization !== `Bearer ${requestToken}`) return void send(401, { message: 'Unauthorized' });
    // without an audience GitHub names the repository's owner
    const audience = url.searchParams.get('audience') ?? 'https://github.com/acme';
    const value = await running.token(audience);
    send(200, { count: value.length, value });
  }
  return running;
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: randomUUID(), use: 'sig', alg: 'RS256' };
  return { privateKey, jwk };
}
