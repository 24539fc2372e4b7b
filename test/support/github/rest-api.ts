import type { IncomingHttpHeaders } from 'node:http';
import { identify, type TokenRules } from './credentials.ts';
import { type Answer, type Call, type Caller, type Fields, notFound, Refusal, type RouteRule } from './exchange.ts';
import type { Judge, Misfit } from './judge.ts';
import { proseMisfits } from './prose-rules.ts';
import type { Hosts } from './shapes/account.ts';
import { type CheckRun, covers, type Level, type Repository, type State } from './state.ts';

/** Something that GitHub would have refused, or (`reply`) that GitHub would not have said. */
export interface Violation {
  kind: 'request' | 'headers' | 'foreign-token' | 'reply';
  /** `METHOD /path` as sent. */
  request: string;
  misfits: Misfit[];
}

export interface Asked {
  method: string;
  path: string | null;
  route: string | null;
  rule: RouteRule | undefined;
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Null when it is no JSON object. */
  json: Fields | null;
  body: Fields;
  /** There is a body, and it is no JSON object. */
  malformed: boolean;
  repository: string | null;
  installationId: number | null;
}

export interface RestApi {
  read(method: string, path: string | null, query: URLSearchParams, headers: IncomingHttpHeaders, body: string): Asked;
  /** Judges the request, does it, judges the answer. */
  answer(asked: Asked): Promise<Answer>;
  refuse(refusal: Refusal): Answer;
}

export interface RestApiParts {
  state: State;
  judge: Judge;
  rules: RouteRule[];
  tokens: TokenRules;
  hosts(): Hosts;
  now(): number;
  violations: Violation[];
  rerequested(run: CheckRun): void;
}

export function createRestApi(parts: RestApiParts): RestApi {
  const { state, judge, violations } = parts;
  const table = parts.rules.map((rule) => {
    const [method = '', path = ''] = rule.route.split(' ');
    const pattern = new RegExp(
      `^${path.replace(/\{(\w+)\}/g, (_, name) => (name === 'ref' ? `(?<ref>.+?)` : `(?<${name}>[^/]+)`))}$`,
    );
    return { rule, method, pattern };
  });

  const violate = (kind: Violation['kind'], asked: Asked, misfits: Misfit[]) => {
    if (misfits.length > 0) violations.push({ kind, request: `${asked.method} ${asked.path}`, misfits });
  };

  const refuse = ({ status, message, misfits, headers }: Refusal): Answer => ({
    status,
    headers,
    body: {
      message,
      documentation_url: 'https://docs.github.com/rest',
      status: String(status),
      ...(misfits.length > 0
        ? { errors: misfits.map((one) => ({ resource: 'Request', code: 'invalid', ...one })) }
        : {}),
    },
  });

  /** The order is GitHub's: the route, headers, credentials, permission, the repository, then what was sent. */
  const perform = async (asked: Asked): Promise<Answer> => {
    const { rule, headers, params, query } = asked;
    if (!rule) {
      violate('request', asked, [{ field: '', message: 'GitHub (as far as this bed knows it) has no such route' }]);
      throw notFound();
    }
    const misheaders = headerMisfits(asked);
    violate('headers', asked, misheaders);
    if (misheaders.length > 0)
      throw new Refusal(misheaders.some(({ field }) => field === 'user-agent') ? 403 : 400, 'Bad headers', {
        misfits: misheaders,
      });

    const foreign = () =>
      violate('foreign-token', asked, [{ field: 'authorization', message: 'this GitHub never issued that token' }]);
    const caller = await identify(state, headers.authorization, parts.now(), parts.tokens, foreign);
    admit(rule, caller);
    const repository = asked.repository === null ? undefined : state.repositories.get(asked.repository.toLowerCase());
    if (asked.repository !== null) reach(caller, repository, rule);

    if (asked.malformed) {
      violate('request', asked, [{ field: '', message: 'the body is no JSON object' }]);
      throw new Refusal(400, 'Problems parsing JSON');
    }
    const misfits = [...judge.request(rule.route, params, query, asked.json), ...proseMisfits(rule.route, asked.json)];
    violate('request', asked, misfits);
    if (misfits.length > 0) throw new Refusal(422, 'Invalid request.', { misfits });

    const call = {
      params,
      query,
      body: asked.body,
      caller,
      state,
      hosts: parts.hosts(),
      now: parts.now,
      rerequested: parts.rerequested,
      get repository(): Repository {
        if (!repository) throw notFound();
        return repository;
      },
    } satisfies Call;
    return rule.handle(call);
  };

  return {
    refuse,
    read(method, path, query, headers, text) {
      const found = table
        .filter((one) => one.method === method)
        .map(({ rule, pattern }) => ({ rule, match: pattern.exec(path ?? '') }))
        .find(({ match }) => match !== null);
      const params = Object.fromEntries(
        Object.entries(found?.match?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
      );
      const json = readJson(text);
      const token = state.tokens.get(headers.authorization?.split(' ')[1] ?? '');
      return {
        method,
        path,
        route: found?.rule.route ?? null,
        rule: found?.rule,
        params,
        query,
        headers,
        json,
        body: json ?? {},
        malformed: text !== '' && json === null,
        repository: params.owner === undefined || params.repo === undefined ? null : `${params.owner}/${params.repo}`,
        installationId: token?.installation.id ?? null,
      };
    },
    async answer(asked) {
      const answer = await perform(asked).catch((error: unknown) => {
        if (error instanceof Refusal) return refuse(error);
        throw error;
      });
      if (asked.rule) violate('reply', asked, judge.answer(asked.rule.route, answer.status, answer.body));
      return {
        ...answer,
        headers: { ...rateHeaders(parts.now()), date: new Date(parts.now()).toUTCString(), ...answer.headers },
      };
    },
  };
}

function readJson(text: string): Fields | null {
  if (text === '') return null;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : null;
  } catch {
    return null;
  }
}

/** GitHub refuses a request without a user agent; the other two it only asks for, but leaving them out is how a client breaks later. */
function headerMisfits({ headers, json, method }: Asked): Misfit[] {
  const misfits: Misfit[] = [];
  if (!headers['user-agent']) misfits.push({ field: 'user-agent', message: 'is required' });
  if (!/application\/vnd\.github(\.[\w.-]+)?\+json/.test(headers.accept ?? '')) {
    misfits.push({ field: 'accept', message: 'should be application/vnd.github+json' });
  }
  const version = headers['x-github-api-version'];
  if (version !== '2022-11-28' && version !== '2026-03-10') {
    misfits.push({ field: 'x-github-api-version', message: 'should name a version of the API' });
  }
  if (json !== null && method !== 'GET' && !/^application\/json\b/.test(headers['content-type'] ?? '')) {
    misfits.push({ field: 'content-type', message: 'should be application/json' });
  }
  return misfits;
}

/** @throws Refusal when these credentials do not open this route */
function admit({ caller: wanted, permission }: RouteRule, caller: Caller): void {
  if (wanted === 'nobody') return;
  if (caller.kind === 'nobody') throw new Refusal(401, 'Requires authentication');
  if (wanted === 'app') {
    if (caller.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded');
    return;
  }
  if (caller.kind === 'app') throw new Refusal(403, 'Resource not accessible by integration');
  if (caller.kind === 'person') return; // who may read; what writes asks for the App that writes
  const [name = '', level = 'read'] = permission?.split(':') ?? [];
  const granted: Level | undefined = name === 'metadata' ? 'read' : caller.token.permissions[name];
  if (permission !== undefined && (!granted || (level === 'write' && granted === 'read'))) {
    throw new Refusal(403, 'Resource not accessible by integration');
  }
}

/** @throws Refusal when the caller may not see, or not write to, the repository */
function reach(caller: Caller, repository: Repository | undefined, { permission }: RouteRule): void {
  if (!repository) throw notFound();
  if (caller.kind !== 'installation') return;
  const { token } = caller;
  const inside = covers(token.installation, repository) && (token.repositoryIds?.includes(repository.id) ?? true);
  if (inside) return;
  if (repository.private) throw notFound();
  if (permission?.endsWith(':write')) throw new Refusal(403, 'Resource not accessible by integration');
}

function rateHeaders(now: number): Record<string, string> {
  const reset = String(Math.ceil(now / 1_000) + 3_600);
  return {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-used': '1',
    'x-ratelimit-reset': reset,
    'x-ratelimit-resource': 'core',
    'x-github-request-id': 'BED0:1:2:3:4',
  };
}
