import type { Hosts } from './shapes/account.ts';
import type { App, CheckRun, Installation, InstallationToken, Repository, State } from './state.ts';

/** Who asks, once their credentials hold. */
export type Caller =
  | { kind: 'nobody' }
  | { kind: 'app'; app: App }
  | { kind: 'installation'; app: App; installation: Installation; token: InstallationToken }
  | { kind: 'person' };

export type Fields = Record<string, unknown>;

/** What a route is given. The description has judged path, query and body before. */
export interface Call {
  params: Record<string, string>;
  query: URLSearchParams;
  body: Fields;
  caller: Caller;
  /** The repository of the path; routes without one never ask for it. */
  repository: Repository;
  state: State;
  hosts: Hosts;
  /** GitHub's clock, in milliseconds. */
  now(): number;
  /** A rerequest through the API sets a webhook off. */
  rerequested(run: CheckRun): void;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface RouteRule {
  /** `METHOD /path/{parameter}` as in GitHub's description. */
  route: string;
  caller: 'app' | 'installation' | 'nobody';
  /** What the token must hold besides, as `name:level`. */
  permission?: string;
  handle(call: Call): Answer | Promise<Answer>;
}

/** An answer that ends a request early. */
export class Refusal extends Error {
  readonly status: number;
  readonly misfits: { field: string; message: string }[];
  readonly headers: Record<string, string>;
  constructor(
    status: number,
    message: string,
    { misfits = [], headers = {} }: { misfits?: Refusal['misfits']; headers?: Refusal['headers'] } = {},
  ) {
    super(message);
    this.status = status;
    this.misfits = misfits;
    this.headers = headers;
  }
}

export const notFound = () => new Refusal(404, 'Not Found');

/** The App that asks; routes for Apps and installations only. */
export function callingApp({ caller }: Call): App {
  if (caller.kind === 'app' || caller.kind === 'installation') return caller.app;
  throw new Refusal(403, 'You must authenticate via a GitHub App.');
}

/** One page of a list, with the `link` header that leads to the next. */
export function page<T>(call: Call, path: string, items: T[]): { items: T[]; headers: Record<string, string> } {
  const size = Math.min(100, Number(call.query.get('per_page') ?? 30));
  const number = Number(call.query.get('page') ?? 1);

  const next = new URLSearchParams(call.query);
  next.set('page', String(number + 1));
  const headers: Record<string, string> =
    number * size < items.length ? { link: `<${call.hosts.api}${path}?${next}>; rel="next"` } : {};
  return { items: items.slice((number - 1) * size, number * size), headers };
}
