import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { answerHub, json, type StubSession, type Wanted } from './browserstack-hub.ts';

interface App {
  app_name: string;
  app_version: string;
  app_url: string;
  app_id: string;
  uploaded_at: string;
  custom_id?: string;
  shareable_id?: string;
}

/** An answer in the stub's place: of a status, with a body of whatever shape. */
export interface Canned {
  status: number;
  body: string;
}

interface Asked {
  method: string;
  path: string;
  authorised: boolean;
  body: Buffer;
}

export interface BrowserstackStub {
  /** Of the interface and of the hub alike. */
  url: string;
  username: string;
  accessKey: string;
  apps: App[];
  /** What was uploaded, by its address. */
  bytes: Map<string, string>;
  uploads: number;
  /** Sessions of other users of the account. */
  othersRunning: number;
  queued: number;
  max: number;
  /** Sessions asked for, in order. */
  asked: { app: string; accepted: boolean }[];
  /** Every session there was, by its id. */
  sessions: Map<string, StubSession>;
  /** Begins a session, as a user of the account does; returns its id. */
  begin(options: Record<string, string>): string;
  /** Those that run now, and the most that ever ran at once. */
  open(): StubSession[];
  mostOpen: number;
  /** What new sessions are refused with, in the place of one. */
  refusing: Canned | null;
  /** What was asked for with the last one. */
  lastWanted: Wanted | null;
  /** Commands with this end are cut off instead of answered, when `until` resolves. */
  cut: { path: string; until: Promise<void> } | null;
  /** How many requests were given up before they had an answer. */
  givenUp: number;
  /** New sessions are made at once, and told of when this resolves. */
  slowness: Promise<void>;
  /** Makes further calls whose path has this in it answer this; null lets them through. */
  say(path: string, canned: Canned | null): void;
  seen: { method: string; path: string; authorised: boolean }[];
  /** Deletes an app, as BrowserStack does 30 days after its last use. `listed`: the list of uploads has it still. */
  remove(url: string, listed?: boolean): void;
  isDead(url: string): boolean;
}

/** App Automate at the wire: the interface and the hub, with the words of its documentation. */
export async function browserstackStub(): Promise<BrowserstackStub> {
  const canned = new Map<string, Canned>();
  const dead = new Set<string>();
  const stub: BrowserstackStub = {
    url: '',
    username: 'bsuser',
    accessKey: 'bs-access-key-0123456789',
    apps: [],
    bytes: new Map(),
    uploads: 0,
    othersRunning: 0,
    queued: 0,
    max: 2,
    asked: [],
    sessions: new Map(),
    begin(options) {
      const body = JSON.stringify({ capabilities: { alwaysMatch: { 'bstack:options': options } } });
      return JSON.parse(answerHub(stub, { method: 'POST', path: '/wd/hub/session', body }).body).value.sessionId;
    },
    open: () => [...stub.sessions.values()].filter(({ isOpen }) => isOpen),
    mostOpen: 0,
    refusing: null,
    lastWanted: null,
    cut: null,
    givenUp: 0,
    slowness: Promise.resolve(),
    seen: [],
    say: (path, answer) => void (answer ? canned.set(path, answer) : canned.delete(path)),
    remove(url, listed = false) {
      dead.add(url);
      if (!listed) stub.apps = stub.apps.filter((app) => app.app_url !== url);
    },
    isDead: (url) => dead.has(url),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '' } = request;
    const expected = `Basic ${Buffer.from(`${stub.username}:${stub.accessKey}`).toString('base64')}`;
    const authorised = request.headers.authorization === expected;
    stub.seen.push({ method, path, authorised });
    const prepared = [...canned].find(([part]) => path.includes(part))?.[1];
    const { status, body } = prepared ?? tell({ method, path, authorised, body: Buffer.concat(chunks) });
    if (path === '/wd/hub/session') await stub.slowness;
    if (stub.cut && path.endsWith(stub.cut.path)) {
      response.once('close', () => stub.givenUp++);
      await stub.cut.until;
      return void response.destroy();
    }
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  }

  function tell({ method, path, authorised, body }: Asked): Canned {
    if (path.startsWith('/video/')) return { status: 200, body: 'a film' };
    if (!authorised) return { status: 401, body: 'HTTP Basic: Access denied.\n' };
    if (path.startsWith('/wd/hub/')) return answerHub(stub, { method, path, body: body.toString() });
    const recent = path.match(/^\/app-automate\/recent_apps\/([^/?]+)$/)?.[1];
    if (recent !== undefined) {
      const found = stub.apps.filter((app) => app.custom_id === decodeURIComponent(recent));
      return json(200, found.length > 0 ? found : { message: 'No results found' });
    }
    if (method === 'POST' && path === '/app-automate/upload') return json(200, take(body));
    if (path === '/app-automate/plan.json') {
      const parallel_sessions_running = stub.open().length + stub.othersRunning;
      const plan = { automate_plan: 'App Automate', terminal_access: 'Public', parallel_sessions_running };
      const limits = { team_parallel_sessions_max_allowed: stub.max, parallel_sessions_max_allowed: stub.max };
      return json(200, { ...plan, ...limits, queued_sessions: stub.queued, queued_sessions_max_allowed: stub.max });
    }
    const id = path.match(/^\/app-automate\/sessions\/([^/]+)\.json$/)?.[1] ?? '';
    const session = stub.sessions.get(id);
    if (!session) return json(404, { message: 'Session not found' });
    if (method === 'PUT') Object.assign(session.details, JSON.parse(body.toString()));
    return json(200, { automation_session: session.details });
  }

  function take(body: Buffer): unknown {
    const text = body.toString('latin1');
    const field = (name: string) =>
      text.match(new RegExp(`name="${name}"[^\\r]*\\r\\n(?:[^\\r]+\\r\\n)*\\r\\n([\\s\\S]*?)\\r\\n--`))?.[1];
    const custom_id = field('custom_id')
      ?.replace(/[^A-Za-z0-9._-]/g, '')
      .slice(0, 100);
    const file = field('file') ?? '';
    const app_id = createHash('sha1')
      .update(`${stub.uploads++}${file}`)
      .digest('hex');
    const app_url = `bs://${app_id}`;
    stub.bytes.set(app_url, file);
    const named = custom_id ? { custom_id, shareable_id: `${stub.username}/${custom_id}` } : {};
    stub.apps.unshift({
      app_name: 'app',
      app_version: '1',
      app_url,
      app_id,
      uploaded_at: '2026-11-23 14:33:20 UTC',
      ...named,
    });
    return { app_url, ...named };
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}
