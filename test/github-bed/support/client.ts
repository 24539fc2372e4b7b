import { importPKCS8, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { type Github, type GithubOptions, startGithub } from '../../support/github/github.ts';
import type { Installation, Repository } from '../../support/github/state.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // safe because it is JSON of whatever shape: what a test reads of it, it compares
  body: Record<string, unknown>;
  list: Record<string, unknown>[];
}

export interface Ask {
  method?: string;
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
}

/** A GitHub that stops with the test. */
export async function github(options: GithubOptions = {}): Promise<Github> {
  const started = await startGithub(options);
  onTestFinished(() => started.stop());
  return started;
}

export const properHeaders = {
  accept: 'application/vnd.github+json',
  'user-agent': 'a test',
  'x-github-api-version': '2022-11-28',
};

/** One request, with all headers GitHub wants unless told. */
export async function ask(url: string, { method = 'GET', body, token, headers = {} }: Ask = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...properHeaders,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? {} : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    body: json as Answer['body'],
    list: (Array.isArray(json) ? json : []) as Answer['list'],
  };
}

export interface JwtClaims {
  iss?: string;
  /** Seconds from GitHub's now. */
  iat?: number;
  exp?: number;
  key?: string;
}

/** What an App signs itself in with. */
export async function appJwt(on: Github, { iss, iat = -30, exp = 570, key }: JwtClaims = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(iss ?? String(on.app.id))
    .setIssuedAt(now + iat)
    .setExpirationTime(now + exp)
    .sign(await importPKCS8(key ?? on.keys.privateKeyPkcs8, 'RS256'));
}

export async function installationToken(on: Github, installation: Installation, body?: unknown): Promise<string> {
  const url = `${on.apiUrl}/app/installations/${installation.id}/access_tokens`;
  const answer = await ask(url, { method: 'POST', token: await appJwt(on), ...(body === undefined ? {} : { body }) });
  return String(answer.body.token);
}

/** A repository with the App installed, and a way to ask about it. */
export async function shop(options: GithubOptions = {}) {
  const on = await github(options);
  const repository = on.repository('acme/shop');
  const installation = on.install(on.app, [repository]);
  const token = await installationToken(on, installation);
  const url = `${on.apiUrl}/repos/acme/shop`;
  return {
    github: on,
    repository,
    installation,
    token,
    sha: head(repository),
    ask: (path: string, how: Ask = {}) => ask(url + path, { token, ...how }),
    post: (body: object) =>
      ask(`${url}/check-runs`, { method: 'POST', token, body: { name: 'e2e', head_sha: head(repository), ...body } }),
    patch: (id: unknown, body: object) => ask(`${url}/check-runs/${id}`, { method: 'PATCH', token, body }),
  };
}

export function head(repository: Repository): string {
  return repository.branches.get(repository.defaultBranch) ?? '';
}

export function annotations(count: number) {
  return Array.from({ length: count }, (_, i) => annotation({ start_line: i + 1, end_line: i + 1 }));
}

export function annotation(overrides: object = {}) {
  return {
    path: 'tests/a.spec.ts',
    start_line: 1,
    end_line: 1,
    annotation_level: 'failure' as const,
    message: 'broke',
    ...overrides,
  };
}
