import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ProblemCode, problems } from '../../../contract/problem.ts';
import type { Answer, HandlerInput, Route } from '../../../contract/route.ts';
import { type RouteName, type Routes, routes } from '../../../contract/routes.ts';

/** What a test's server answers, by route; anything else is 404. Bodies it takes and gives are held to the contract. */
export type Answers = {
  [K in RouteName]?: (input: HandlerInput<Routes[K]> & { request: Asked }) => AnyAnswer<Routes[K]>;
};

type AnyAnswer<R extends Route> = Refusal | Answer<R> | Promise<Answer<R> | Refusal>;

/** A problem document, or raw bytes as something that is no qgjob server would answer. */
interface Refusal {
  problem?: ProblemCode;
  detail?: string;
  errors?: { path: string; message: string }[];
  raw?: { status: number; body: string };
}

/** A request as it came in. */
interface Asked {
  route: RouteName | null;
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
  /** The number of the body's bytes. */
  bytes: number;
}

export interface FakeServer {
  url: string;
  /** Every request so far. */
  asked: Asked[];
  answers: Answers;
  /** Stops listening and cuts every connection, as a crash does; `start` comes back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A server at the wire, of the routes a test needs. Ends with the test. */
export async function startFakeServer(answers: Answers): Promise<FakeServer> {
  let port = 0;
  const fake: FakeServer = { url: '', asked: [], answers, stop, start };
  const server = createServer((request, response) => {
    void answer(fake, request, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  });
  await start();
  onTestFinished(stop);
  return fake;

  async function start() {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    fake.url = `http://127.0.0.1:${port}`;
  }
  async function stop() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function answer(fake: FakeServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const found = findRoute(request.method ?? '', url.pathname);
  const isJson = found !== undefined && found.route.body !== 'bytes';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (isJson) chunks.push(chunk);
  }
  const asked: Asked = {
    route: found?.name ?? null,
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : null,
    bytes,
  };
  fake.asked.push(asked);
  const handler = found && (fake.answers[found.name] as ((input: unknown) => unknown) | undefined);
  if (!handler) return refuse(response, { problem: 'not_found', detail: 'There is nothing here.' });
  const { route } = found;
  const input = {
    params: route.params ? route.params.parse(found.params) : {},
    query: route.query ? route.query.parse(Object.fromEntries(url.searchParams)) : {},
    headers: route.headers ? route.headers.parse(request.headers) : {},
    body: route.body && route.body !== 'bytes' ? route.body.parse(asked.body) : undefined,
    request: asked,
  };
  const result = (await handler(input)) as Refusal & { status?: number; body?: unknown; headers?: object };
  if (result.problem || result.raw) return refuse(response, result);
  const shape = route.answers[result.status ?? 0];
  if (shape === undefined) throw new Error(`${found.name} never answers ${result.status}`);
  if (typeof shape === 'string') {
    response.writeHead(result.status ?? 0, { ...result.headers }).end(result.body ?? '');
    return;
  }
  response.writeHead(result.status ?? 0, { 'content-type': 'application/json', ...result.headers });
  response.end(JSON.stringify(shape.parse(result.body)));
}

function refuse(response: ServerResponse, { problem, detail, errors, raw }: Refusal): void {
  if (raw) {
    response.writeHead(raw.status).end(raw.body);
    return;
  }
  const code = problem ?? 'internal';
  const { status, title } = problems[code];
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  const document = { type: 'about:blank', title, status, code, detail: detail ?? title, request_id: 'req_1' };
  response.end(JSON.stringify(errors ? { ...document, errors } : document));
}

function findRoute(method: string, path: string) {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const pattern = new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) {
      const params = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
      return { name, route, params: Object.fromEntries(params) as Record<string, string> };
    }
  }
  return undefined;
}
