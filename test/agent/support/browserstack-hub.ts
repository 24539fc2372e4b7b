import { createHash } from 'node:crypto';
import type { BrowserstackStub, Canned } from './browserstack.ts';

/** One session, and what the interface tells of it. */
export interface StubSession {
  id: string;
  /** The app it was made with. */
  app: string;
  isOpen: boolean;
  /** What is on its screen. */
  texts: string[];
  details: Record<string, unknown> & { name: string; status: string; reason: string };
}

/** The capabilities of a new-session request, as far as the stub knows them. */
export interface Wanted {
  alwaysMatch: { 'appium:app': string; 'bstack:options'?: Record<string, string> };
  firstMatch?: unknown[];
}

interface Command {
  method: string;
  path: string;
  body: string;
}

/** An answer of JSON. */
export const json = (status: number, value: unknown): Canned => ({ status, body: JSON.stringify(value) });

/** The words with which BrowserStack says that all parallels, and the queue behind them, are taken. */
export const limitMessage =
  'All parallel tests are currently in use, including the queued tests. Please wait to finish or upgrade your plan to add more sessions.';

/** A refused session, in WebDriver's form. */
export const refusalOf = (message: string) => ({ value: { error: 'session not created', message, stacktrace: '' } });

/** The hub: sessions, and as much of WebDriver as a test needs that looks for texts and taps on them. */
export function answerHub(stub: BrowserstackStub, { method, path, body }: Command): Canned {
  if (method === 'POST' && path === '/wd/hub/session') return begin(stub, body);
  const [, id = '', rest = ''] = /^\/wd\/hub\/session\/([^/]+)(.*)$/.exec(path) ?? [];
  const session = stub.sessions.get(id);
  if (!session?.isOpen) {
    const message = 'Session not started or terminated';
    return json(404, { value: { error: 'invalid session id', message, stacktrace: '' } });
  }
  if (method === 'DELETE' && rest === '') {
    session.isOpen = false;
    if (session.details.status === 'running') session.details.status = 'done';
    return json(200, { value: null });
  }
  if (rest === '/elements') return json(200, { value: elements(session, JSON.parse(body).value) });
  if (rest.endsWith('/displayed')) return json(200, { value: true });
  if (rest === '/source') return json(200, { value: session.texts.join('\n') });
  return json(200, { value: null });
}

function begin(stub: BrowserstackStub, body: string): Canned {
  const wanted: Wanted = JSON.parse(body).capabilities;
  stub.lastWanted = wanted;
  const { 'appium:app': app, 'bstack:options': options = {} } = wanted.alwaysMatch;
  const isFull = stub.open().length + stub.othersRunning >= stub.max;
  const refused = stub.refusing !== null || isFull || stub.isDead(app);
  stub.asked.push({ app, accepted: !refused });
  if (stub.refusing) return stub.refusing;
  if (stub.isDead(app))
    return json(500, refusalOf('[BROWSERSTACK_APP_DELETED] The app has been deleted: upload it again.'));
  if (isFull) return json(500, refusalOf(limitMessage));
  const id = createHash('sha1').update(String(stub.asked.length)).digest('hex');
  const browser_url = `https://app-automate.browserstack.com/builds/b/sessions/${id}`;
  const details = {
    name: options.sessionName ?? '',
    build_name: options.buildName,
    duration: 7,
    os: 'android',
    os_version: options.osVersion,
    browser: null,
    browser_version: 'app',
    device: options.deviceName,
    status: 'running',
    reason: '',
    hashed_id: id,
    browser_url,
    video_url: `${stub.url}/video/${id}.mp4`,
    app_details: { app_url: app, app_name: 'com.example.wiki' },
  };
  const texts = [...(stub.bytes.get(app) ?? '').matchAll(/ text="([^"]*)"/g)].map(([, text = '']) => text);
  stub.sessions.set(id, { id, app, isOpen: true, texts, details });
  stub.mostOpen = Math.max(stub.mostOpen, stub.open().length);
  return json(200, { value: { sessionId: id, capabilities: { platformName: 'android' } } });
}

/** What UiAutomator's selectors `text("…")` and `textContains("…")` find. */
function elements({ texts }: StubSession, selector: string): unknown[] {
  const [, how, wanted = ''] = /\b(text|textContains)\("([^"]*)"\)/.exec(selector) ?? [];
  const isFound = (text: string) => (how === 'text' ? text === wanted : how !== undefined && text.includes(wanted));
  return texts.flatMap((text, i) =>
    isFound(text) ? [{ 'element-6066-11e4-a52e-4f735466cecf': `e${i}`, ELEMENT: `e${i}` }] : [],
  );
}
