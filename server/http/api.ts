import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import type { ByteStream, Route } from '../../contract/route.ts';
import { DomainError } from '../domain/errors.ts';
import { scopeOf } from '../usecases/authorise.ts';
import type { Caller, Deps, Idempotency } from '../usecases/deps.ts';
import { authenticateRequest, keyRefused } from './auth.ts';
import { type Alone, idempotencyOf } from './idempotency.ts';
import type { KnownKeys } from './known-keys.ts';
import type { Log } from './log.ts';
import type { HttpMetrics, Load } from './metrics.ts';
import type { EndOfWait, OpenRequests } from './open-requests.ts';
import { problemOf } from './problems.ts';
import { readJson, streamBody } from './read-body.ts';
import type { NodeBindings } from './request-context.ts';
import { headersFor, type Outgoing, primed, send } from './send.ts';
import { validate } from './validate.ts';
import { pageHeaders } from './web/page.ts';
import { problemPage } from './web/problem-page.ts';

/** What every request goes through. */
export interface Gate {
  deps: Deps;
  keys: KnownKeys;
  open: OpenRequests;
  metrics: HttpMetrics;
  load: Load;
  log: Log;
  /** Whether the server has begun to stop. */
  stopping: () => boolean;
  /** Keeps requests with one idempotency key from being worked on at once. */
  alone: Alone;
}

/** A handler, whatever its route: its input comes from that very route's schemas, its answer is one of that route's. */
export type AnyHandler = (
  input: { params: unknown; query: unknown; headers: unknown; body: unknown },
  request: {
    caller: Caller | null;
    keyExpiresAt: number | null;
    idempotency: Idempotency | null;
    waiting: () => AbortSignal;
  },
) => Promise<AnyAnswer> | AnyAnswer;

interface AnyAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

type HonoContext = Context<{ Bindings: NodeBindings }>;

/** So many requests may be worked on at once; those that wait are not counted. */
const maxActive = 2_000;

/** Makes of a route and its handler what Hono takes. */
export function bind(gate: Gate, route: Route, handler: AnyHandler): (c: HonoContext) => Promise<Response> {
  const { load, log } = gate;
  const count = gate.metrics.counterOf(route);
  return async (c) => {
    const { incoming, outgoing } = c.env;
    const startedAt = performance.now();
    const requestId = requestIdOf(incoming.headers['x-request-id']);
    let waits = false;
    const onWait = () => {
      if (!waits) load.active--;
      waits = true;
    };
    load.active++;
    let answer: Outgoing;
    try {
      mustHaveRoom(gate, route);
      answer = await respond(gate, route, handler, c, requestId, onWait);
    } catch (error) {
      const clientLeft = outgoing.destroyed || incoming.errored !== null;
      if (!clientLeft) logFailure(log, error, route, requestId);
      answer = refusal(error, requestId, wantsPage(route, incoming));
    } finally {
      if (!waits) load.active--;
    }
    count(answer.status, performance.now() - startedAt);
    return send(answer, c.req.method, outgoing, (error) => logFailure(log, error, route, requestId));
  };
}

async function respond(
  gate: Gate,
  route: Route,
  handler: AnyHandler,
  c: HonoContext,
  requestId: string,
  onWait: () => void,
): Promise<Outgoing> {
  const { incoming, outgoing } = c.env;
  const known = route.role === 'public' ? null : await authenticateRequest(gate.keys, incoming, route);
  const params = parseParams(route, c);
  const query = route.query && validate(route.query, c.req.query(), 'query');
  const headers = validate(route.headers, incoming.headers, 'headers');
  const body = await readBody(route, c);
  const wait = lazily(() => {
    onWait();
    return gate.open.open(known?.keyText ?? '', outgoing);
  });
  const caller = known?.caller ?? null;
  const keyExpiresAt = known?.keyExpiresAt ?? null;
  const idempotency = idempotencyOf(gate.deps, incoming, route.body === 'bytes' ? null : body);
  const answer = await gate.alone(caller ? scopeOf(caller) : '', idempotency, async () =>
    handler({ params, query, headers, body }, { caller, keyExpiresAt, idempotency, waiting: wait.get }),
  );
  if (hasEnded(wait.made(), 'key_refused')) throw keyRefused(incoming);
  const told = outgoingOf(route, answer, requestId);
  if (typeof told.body === 'string' || told.body === null || c.req.method === 'HEAD') return told;
  return { ...told, body: await primed(told.body) };
}

function parseParams(route: Route, c: HonoContext): unknown {
  if (route.params === undefined) return undefined;
  const parsed = route.params.safeParse(c.req.param());
  if (parsed.success) return parsed.data;
  // an id that no id can be is as unknown as any other
  throw new DomainError('not_found', 'There is nothing here. Check the id in the address.');
}

function readBody(route: Route, c: HonoContext): Promise<unknown> | ByteStream | undefined {
  if (route.body === undefined) return undefined;
  if (route.body === 'bytes') return streamBody(c.env.incoming, route.maxBodyBytes);
  const schema = route.body;
  return readJson(c.env.incoming, () => c.req.raw.text(), route.maxBodyBytes).then((value) =>
    validate(schema, value, 'body'),
  );
}

function outgoingOf(route: Route, { status, body, headers }: AnyAnswer, requestId: string): Outgoing {
  const kind = route.answers[status];
  if (typeof kind !== 'string') {
    return { status, headers: headersFor('json', requestId, headers), body: JSON.stringify(body) };
  }
  // safe because Answer gives a non-JSON answer no other body than these
  return { status, headers: headersFor(kind, requestId, headers), body: (body ?? null) as string | ByteStream | null };
}

/** Whether people are going to read the answer: of a route that answers a page, asked by a browser. */
function wantsPage({ answers }: Route, { headers }: IncomingMessage): boolean {
  return answers[200] === 'html' && (headers.accept ?? '').includes('text/html');
}

/** The answer to what was refused or went wrong. */
export function refusal(error: unknown, requestId: string, asPage = false): Outgoing {
  const { problem, headers } = problemOf(error, requestId);
  if (asPage) {
    const pageAnd = headersFor('html', requestId, { ...pageHeaders, ...headers });
    return { status: problem.status, headers: pageAnd, body: problemPage(problem) };
  }
  return {
    status: problem.status,
    headers: headersFor('problem', requestId, headers),
    body: JSON.stringify(problem),
  };
}

/** The caller's own id of a request if it is a sane one, so that both logs can be read side by side. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
}

function mustHaveRoom({ stopping, load }: Gate, route: Route): void {
  // whoever asks how the server does must always be told
  if (route.method === 'GET' && route.tag === 'operations' && route.role === 'public') return;
  if (stopping()) throw new DomainError('draining', 'The server is shutting down. Send the request again in a moment.');
  if (load.active > maxActive)
    throw new DomainError('overloaded', 'Too many requests at once. Send it again in a moment.');
}

function logFailure(log: Log, error: unknown, route: Route, requestId: string): void {
  // a refusal with a cause is not the caller's doing: whoever runs the server has to know
  if (error instanceof DomainError && error.cause === undefined) return;
  log.error({ err: error, requestId, route: `${route.method} ${route.path}` }, 'a request failed');
}

function hasEnded(signal: AbortSignal | undefined, why: EndOfWait): boolean {
  return signal?.aborted === true && signal.reason === why;
}

function lazily<T>(make: () => T): { get: () => T; made: () => T | undefined } {
  let value: T | undefined;
  return {
    get: () => {
      value ??= make();
      return value;
    },
    made: () => value,
  };
}
