import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, HandlerInput, Route } from '../../contract/route.ts';
import type { RouteName, Routes } from '../../contract/routes.ts';
import type { Caller, Idempotency } from '../usecases/deps.ts';

/** Node's own request and response, which @hono/node-server hands on. */
export interface NodeBindings {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** What a handler knows of a request beside its input. */
export interface RequestContext<R extends Route> {
  /** Who calls; null on a public route, which asks for no key. */
  caller: R['role'] extends 'public' ? null : Caller;
  /** When the caller's key expires; null when it does not. */
  keyExpiresAt: number | null;
  /** Of a POST with an Idempotency-Key. */
  idempotency: Idempotency | null;
  /**
   * For a request that waits. Aborts when it need not wait any longer: its client has gone, its key was revoked, or the
   * server is stopping. Asking for it tells that the request waits.
   */
  waiting: () => AbortSignal;
}

export type Handler<R extends Route> = (
  input: HandlerInput<R>,
  request: RequestContext<R>,
) => Promise<Answer<R>> | Answer<R>;

/** One handler per route of the contract: a missing one, or one with a wrong answer, does not compile. */
export type Handlers = { [K in RouteName]: Handler<Routes[K]> };
