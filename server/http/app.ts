import { Hono } from 'hono';
import type { Route } from '../../contract/route.ts';
import { type RouteName, routes } from '../../contract/routes.ts';
import type { Deps } from '../usecases/deps.ts';
import type { Registration } from '../usecases/registration.ts';
import { type AnyHandler, bind, type Gate, refusal, requestIdOf } from './api.ts';
import { administrationHandlers } from './handlers/administration.ts';
import { agentHandlers } from './handlers/agents.ts';
import { appVersionHandlers } from './handlers/app-versions.ts';
import { githubHandlers } from './handlers/github.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { leaseHandlers } from './handlers/leases.ts';
import { operationHandlers } from './handlers/operations.ts';
import { runHandlers } from './handlers/runs.ts';
import { createAlone } from './idempotency.ts';
import type { KnownKeys } from './known-keys.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { OpenRequests } from './open-requests.ts';
import { HttpError } from './problems.ts';
import type { Handlers, NodeBindings } from './request-context.ts';
import type { LoadWebhookApps } from './webhook.ts';

export interface AppParts {
  deps: Deps;
  registration: Registration;
  /** Whose webhooks are taken. */
  webhookApps: LoadWebhookApps;
  /** Where people reach this server, without a trailing slash. */
  publicUrl: string;
  version: string;
  keys: KnownKeys;
  open: OpenRequests;
  log: Log;
  /** Whether the server has begun to stop. */
  stopping: () => boolean;
}

/** Every route of the contract with its handler, as a Hono app. It needs Node's request and response in its environment. */
export function createApp(parts: AppParts): Hono<{ Bindings: NodeBindings }> {
  const { deps, publicUrl } = parts;
  const load = { active: 0, waiting: parts.open.count };
  const metrics = createMetrics(deps, load);
  const alone = createAlone();
  const handlers: Handlers = {
    ...runHandlers(deps, publicUrl),
    ...jobHandlers(deps),
    ...appVersionHandlers(deps),
    ...agentHandlers(deps),
    ...leaseHandlers(deps),
    ...administrationHandlers(deps),
    ...githubHandlers({ ...deps, registration: parts.registration }),
    ...operationHandlers({ ...parts, metrics }),
  };
  const gate: Gate = { ...parts, metrics, load, alone };
  const app = new Hono<{ Bindings: NodeBindings }>();
  const heads = new Map(entriesOf(routes).flatMap(([name, r]) => (r.method === 'HEAD' ? [[r.path, name]] : [])));
  for (const [name, route] of entriesOf(routes)) {
    if (route.method === 'HEAD') continue;
    const answer = bind(gate, route, handlerOf(handlers, name));
    const headName = route.method === 'GET' ? heads.get(route.path) : undefined;
    const answerHead = headName && bind(gate, routes[headName], handlerOf(handlers, headName));
    // Hono hands HEAD to the handler of GET
    const one = answerHead
      ? (c: Parameters<typeof answer>[0]) => (c.req.method === 'HEAD' ? answerHead : answer)(c)
      : answer;
    app.on(route.method, honoPath(route.path), one);
  }
  app.notFound((c) => {
    const requestId = requestIdOf(c.env.incoming.headers['x-request-id']);
    const { status, headers, body } = refusal(unknownRoute(c.req.path), requestId);
    return new Response(c.req.method === 'HEAD' ? null : (body as string), { status, headers });
  });
  return app;
}

const patterns = entriesOf(routes).map(([, { method, path }]) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** A path that other methods know is 405 with those methods, any other 404. */
function unknownRoute(path: string): HttpError {
  const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (methods.length === 0)
    return new HttpError('not_found', `There is no ${path} here. GET /docs lists what there is.`);
  const allow = [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', ');
  return new HttpError('method_not_allowed', `This path takes ${allow}.`, { allow });
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Safe because a handler is only ever given what its own route's schemas made of a request: see bind. */
function handlerOf(handlers: Handlers, name: RouteName): AnyHandler {
  return handlers[name] as AnyHandler;
}

function entriesOf(table: typeof routes): [RouteName, Route][] {
  // safe because the table is written out in one place and has no further keys
  return Object.entries(table) as [RouteName, Route][];
}
