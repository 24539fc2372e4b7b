import { Problem, type ProblemCode, problems } from './problem.ts';
import type { ClientBody, ClientInput, Route, StreamedBody } from './route.ts';
import { type RouteName, type Routes, routes } from './routes.ts';

export interface ClientOptions {
  /** Where the server is, without a trailing path: `http://127.0.0.1:8080`. */
  serverUrl: string;
  /** A key or session token, or what gets one: asked before each request, and what it throws is thrown as it is. */
  apiKey?: string | (() => Promise<string>) | undefined;
  /** What the caller is, sent as User-Agent. */
  userAgent?: string;
  /** How often a request that is safe to repeat is repeated when the server cannot be reached, 5 by default. */
  retries?: number;
  fetch?: typeof fetch;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Makes a POST safe to repeat: the server answers it once and remembers the answer. */
  idempotencyKey?: string | undefined;
  retries?: number;
  /** A single try's limit in ms; 70 s by default, since a long poll may take 55 s. Null for a stream. */
  timeoutMs?: number | null;
}

export interface Result<B> {
  status: number;
  body: B;
  headers: Headers;
}

/** The server answered, and refused: `code` says why and `message` what to do next. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
  }
}

/** No answer that this client understands: the server is down, unreachable, or something else answers in its place. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

type Method<R extends Route> =
  Record<string, never> extends ClientInput<R>
    ? (input?: ClientInput<R>, options?: CallOptions) => Promise<Result<ClientBody<R>>>
    : (input: ClientInput<R>, options?: CallOptions) => Promise<Result<ClientBody<R>>>;

/** One typed method per route of the contract. */
export type Client = { [K in RouteName]: Method<Routes[K]> };

interface AnyInput {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string | undefined>;
  body?: unknown;
}

/**
 * A client of the whole API. Requests that are safe to repeat (all but a POST or PATCH without idempotency key) are
 * repeated with jitter when the connection fails or the server answers 429, 502, 503 or 504, or that
 * the same request is still in flight; `Retry-After` is obeyed.
 * @throws ProblemError when the server refuses, UnreachableError when it cannot be reached; an abort rejects with the signal's reason.
 */
export function createClient(options: ClientOptions): Client {
  const entries = Object.entries(routes).map(([name, r]) => [
    name,
    (input: AnyInput = {}, call: CallOptions = {}) => request(options, r, input, call),
  ]);
  // safe because every entry is built from the route of the same name, whose types Client is computed from
  return Object.fromEntries(entries) as Client;
}

async function request(client: ClientOptions, r: Route, input: AnyInput, call: CallOptions): Promise<Result<unknown>> {
  const url = new URL(client.serverUrl.replace(/\/+$/, '') + fillPath(r.path, input.params ?? {}));
  for (const [k, v] of Object.entries(input.query ?? {})) if (v !== undefined) url.searchParams.set(k, String(v));
  const headers = new Headers({ accept: 'application/json' });
  if (client.userAgent) headers.set('user-agent', client.userAgent);
  const apiKey = await keyOf(client, call);
  if (apiKey) headers.set('authorization', `Bearer ${apiKey}`);
  if (call.idempotencyKey) headers.set('idempotency-key', call.idempotencyKey);
  for (const [k, v] of Object.entries(input.headers ?? {})) if (v !== undefined) headers.set(k, v);
  const streamed = r.body === 'bytes';
  if (r.body && !streamed) headers.set('content-type', 'application/json');
  const repeatable = call.idempotencyKey !== undefined || (r.method !== 'POST' && r.method !== 'PATCH');
  // a stream can be read once only
  const tries = repeatable && !(input.body instanceof ReadableStream) ? 1 + (call.retries ?? client.retries ?? 5) : 1;
  const init: RequestInit & { duplex?: 'half' } = { method: r.method, headers, redirect: 'manual' };
  if (r.body) {
    init.body = streamed ? (input.body as StreamedBody) : JSON.stringify(input.body ?? {});
    // fetch keeps a copy of a body for a redirect, all of it in memory, unless there can be none: 1,172 MiB for 1 GiB, else 103
    if (streamed) Object.assign(init, { duplex: 'half', redirect: 'error', window: null });
  } else if (r.method === 'POST') {
    headers.set('content-length', '0');
  }

  for (let attempt = 1; ; attempt++) {
    const outcome = await once(client.fetch ?? fetch, url, init, call, r);
    if ('result' in outcome) return outcome.result;
    if (attempt >= tries) throw outcome.error;
    await pause(outcome.retryAfterMs ?? Math.random() * Math.min(200 * 2 ** attempt, 5000), call.signal);
  }
}

/** A key that has to be fetched may take long; nobody waits for it once the call is given up. */
async function keyOf({ apiKey }: ClientOptions, { signal }: CallOptions): Promise<string | undefined> {
  if (typeof apiKey !== 'function') return apiKey;
  signal?.throwIfAborted();
  const givenUp = Promise.withResolvers<never>();
  const giveUp = () => givenUp.reject(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([apiKey(), givenUp.promise]);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

type Outcome = { result: Result<unknown> } | { error: Error; retryAfterMs?: number };

async function once(send: typeof fetch, url: URL, init: RequestInit, call: CallOptions, r: Route): Promise<Outcome> {
  const limit = call.timeoutMs === null ? undefined : AbortSignal.timeout(call.timeoutMs ?? 70_000);
  const signals = [call.signal, limit].filter((s) => s !== undefined);
  let response: Response;
  try {
    response = await send(url, {
      ...init,
      ...(signals.length ? { signal: AbortSignal.any(signals) } : {}),
    });
    if (response.ok) return { result: await read(response, r) };
  } catch (cause) {
    if (call.signal?.aborted) throw call.signal.reason;
    return { error: new UnreachableError(`${url.origin} cannot be reached: ${reasonOf(cause)}`, { cause }) };
  }
  const error = r.method === 'HEAD' ? headProblem(response) : await problemOf(response, url);
  const after = Number(response.headers.get('retry-after'));
  const inFlight = error instanceof ProblemError && error.code === 'idempotency_in_flight';
  if (!inFlight && ![429, 502, 503, 504].includes(response.status)) throw error;
  return Number.isFinite(after) && after > 0 ? { error, retryAfterMs: Math.min(after, 60) * 1000 } : { error };
}

async function read(response: Response, r: Route): Promise<Result<unknown>> {
  const answer = r.answers[response.status];
  const base = { status: response.status, headers: response.headers };
  if (answer === 'empty' || answer === undefined) {
    await response.body?.cancel();
    return { ...base, body: null };
  }
  return { ...base, body: typeof answer === 'string' ? response : await response.json() };
}

async function problemOf(response: Response, url: URL): Promise<Error> {
  const text = await response.text().catch(() => '');
  try {
    return new ProblemError(Problem.parse(JSON.parse(text)));
  } catch {
    const hint = response.status === 404 && text === '' ? '' : ', not as a qgjob server does';
    return new UnreachableError(`${url.origin} answered ${response.status}${hint}: is the server URL right?`);
  }
}

/** An answer to HEAD has no body: its status names the problem. */
function headProblem({ status, headers }: Response): ProblemError {
  const codes = Object.keys(problems) as ProblemCode[];
  const code = codes.find((c) => problems[c].status === status) ?? 'internal';
  const { title } = problems[code];
  return new ProblemError({
    type: 'about:blank',
    title,
    status,
    code,
    detail: title,
    request_id: headers.get('x-request-id') ?? '',
  });
}

function reasonOf(cause: unknown): string {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  if (error.name === 'TimeoutError') return 'no answer in time';
  const inner = error.cause instanceof Error ? error.cause : error;
  const code = (inner as { code?: string }).code;
  return code ?? inner.message;
}

function fillPath(path: string, params: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
