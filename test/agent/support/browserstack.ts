import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

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

export interface BrowserstackStub {
  url: string;
  username: string;
  accessKey: string;
  apps: App[];
  uploads: number;
  /** Sessions of other users of the account. */
  othersRunning: number;
  queued: number;
  max: number;
  /** Sessions asked for, and those that run. */
  asked: { app: string; accepted: boolean }[];
  running: Set<string>;
  /** Makes further calls whose path has this in it answer this; null lets them through. */
  say(path: string, canned: Canned | null): void;
  seen: { method: string; path: string; authorised: boolean }[];
  /** Deletes an app, as BrowserStack does 30 days after its last use. `listed`: the list of uploads has it still. */
  remove(url: string, listed?: boolean): void;
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
    uploads: 0,
    othersRunning: 0,
    queued: 0,
    max: 2,
    asked: [],
    running: new Set(),
    seen: [],
    say: (path, answer) => void (answer ? canned.set(path, answer) : canned.delete(path)),
    remove(url, listed = false) {
      dead.add(url);
      if (!listed) stub.apps = stub.apps.filter((app) => app.app_url !== url);
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '', url: path = '' } = request;
    const expected = `Basic ${Buffer.from(`${stub.username}:${stub.accessKey}`).toString('base64')}`;
    const authorised = request.headers.authorization === expected;
    stub.seen.push({ method, path, authorised });
    const json = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
    };
    const prepared = [...canned].find(([part]) => path.includes(part))?.[1];
    if (prepared) return void response.writeHead(prepared.status).end(prepared.body);
    if (!authorised) return void response.writeHead(401).end('HTTP Basic: Access denied.\n');
    const recent = path.match(/^\/app-automate\/recent_apps\/([^/?]+)$/)?.[1];
    if (recent !== undefined) {
      const found = stub.apps.filter((app) => app.custom_id === decodeURIComponent(recent));
      return json(200, found.length > 0 ? found : { message: 'No results found' });
    }
    if (method === 'POST' && path === '/app-automate/upload') return json(200, take(body));
    if (path === '/app-automate/plan.json') {
      const parallel_sessions_running = stub.running.size + stub.othersRunning;
      const plan = { automate_plan: 'App Automate', terminal_access: 'Public', parallel_sessions_running };
      const limits = { team_parallel_sessions_max_allowed: stub.max, parallel_sessions_max_allowed: stub.max };
      return json(200, { ...plan, ...limits, queued_sessions: stub.queued, queued_sessions_max_allowed: stub.max });
    }
    const session = path.match(/^\/app-automate\/sessions\/([^/]+)\.json$/)?.[1];
    if (session) {
      const browser_url = `https://app-automate.browserstack.com/builds/b/sessions/${session}`;
      const known = {
        name: 'login',
        duration: 7,
        os: 'android',
        os_version: '14.0',
        device: 'Google Pixel 8',
        status: 'passed',
      };
      return json(200, {
        automation_session: {
          ...known,
          hashed_id: session,
          browser: null,
          browser_url,
          video_url: `${browser_url}/video`,
        },
      });
    }
    if (path === '/wd/hub/session') return begin(JSON.parse(body.toString()), json);
    const ended = path.match(/^\/wd\/hub\/session\/([^/]+)$/)?.[1];
    if (method === 'DELETE' && ended) stub.running.delete(ended);
    return json(200, { value: null });
  }

  function take(body: Buffer): unknown {
    const text = body.toString('latin1');
    const field = (name: string) =>
      text.match(new RegExp(`name="${name}"[^\\r]*\\r\\n(?:[^\\r]+\\r\\n)*\\r\\n([\\s\\S]*?)\\r\\n--`))?.[1];
    const custom_id = field('custom_id')
      ?.replace(/[^A-Za-z0-9._-]/g, '')
      .slice(0, 100);
    const app_id = createHash('sha1')
      .update(`${stub.uploads++}${field('file')}`)
      .digest('hex');
    const app_url = `bs://${app_id}`;
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

  function begin(body: { app: string }, json: (status: number, value: unknown) => void): void {
    const full = stub.running.size + stub.othersRunning >= stub.max;
    const isDead = dead.has(body.app);
    stub.asked.push({ app: body.app, accepted: !full && !isDead });
    const why = isDead
      ? '[BROWSERSTACK_APP_DELETED] The app has been deleted: upload it again.'
      : full
        ? limitMessage
        : null;
    if (why !== null) {
      json(500, refusal(why));
      return;
    }
    const sessionId = createHash('sha1').update(String(stub.asked.length)).digest('hex');
    stub.running.add(sessionId);
    json(200, { value: { sessionId, capabilities: {} } });
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

const limitMessage =
  'All parallel tests are currently in use, including the queued tests. Please wait to finish or upgrade your plan to add more sessions.';

const refusal = (message: string) => ({ value: { error: 'session not created', message, stacktrace: '' } });
