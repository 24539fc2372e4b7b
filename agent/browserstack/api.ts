import { openAsBlob } from 'node:fs';
import { z } from 'zod';
import { backoffMs, pause } from '../pause.ts';
import { BrowserstackError, toError } from './browserstack-error.ts';

const callMs = 30_000;
const uploadMs = 900_000;
const tries = 4;

/** For calls whose answer is of no interest: its status tells all. */
const Anything = z.unknown();
const AppUrl = z.string().regex(/^bs:\/\/[A-Za-z0-9]+$/);
const Uploaded = z.object({ app_url: AppUrl });
const RecentApps = z.union([z.array(Uploaded), z.object({ message: z.string() })]);
const Plan = z.object({
  parallel_sessions_running: z.int(),
  parallel_sessions_max_allowed: z.int(),
  queued_sessions: z.int().default(0),
});
export type Plan = z.infer<typeof Plan>;
const Session = z.object({
  automation_session: z.object({
    name: z.string().nullish(),
    status: z.string().nullish(),
    reason: z.string().nullish(),
    device: z.string().nullish(),
    os_version: z.string().nullish(),
    browser_url: z.string().nullish(),
    video_url: z.string().nullish(),
  }),
});
export type Session = z.infer<typeof Session>['automation_session'];

/** App Automate's interface, as far as an agent needs it. Every method throws BrowserstackError, or the signal's reason. */
export interface BrowserstackApi {
  /** What was uploaded last under this name and is there still; null where nothing is. */
  findApp(customId: string, signal: AbortSignal): Promise<string | null>;
  /** Uploads an app; resolves with its `bs://` address. */
  upload(file: string, customId: string, signal: AbortSignal): Promise<string>;
  plan(signal: AbortSignal): Promise<Plan>;
  session(id: string, signal: AbortSignal): Promise<Session>;
  /** Says how a session's test ended. */
  mark(id: string, how: { status: 'passed' | 'failed'; reason: string }, signal: AbortSignal): Promise<void>;
  /** Ends a session; one that has ended already is no error. */
  end(id: string, signal: AbortSignal): Promise<void>;
}

export interface BrowserstackApiSettings {
  username: string;
  accessKey: string;
  /** Where the interface and the hub are: see `addressesOf`. */
  apiUrl: string;
  hubUrl: string;
}

/** BrowserStack's own addresses unless told, without a slash at the end. */
export function addressesOf(given: { apiUrl?: string | undefined; hubUrl?: string | undefined }) {
  const { apiUrl = 'https://api-cloud.browserstack.com', hubUrl = 'https://hub.browserstack.com' } = given;
  return { apiUrl: apiUrl.replace(/\/$/, ''), hubUrl: hubUrl.replace(/\/$/, '') };
}

/** The header that stands for an account. */
export function authorizationOf({ username, accessKey }: Pick<BrowserstackApiSettings, 'username' | 'accessKey'>) {
  return `Basic ${Buffer.from(`${username}:${accessKey}`).toString('base64')}`;
}

/** Every call is tried again while BrowserStack cannot be reached or fails; credentials go in a header, never in an address. */
export function createBrowserstackApi(settings: BrowserstackApiSettings): BrowserstackApi {
  const authorization = authorizationOf(settings);
  const app = `${settings.apiUrl}/app-automate`;

  const sessionAddress = (id: string) => `${app}/sessions/${encodeURIComponent(id)}.json`;

  async function once(address: string, init: RequestInit, ms: number, signal: AbortSignal): Promise<string> {
    const both = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
    try {
      // a redirect would carry the credentials to wherever it leads
      const headers = { ...init.headers, authorization };
      const answer = await fetch(address, { ...init, headers, signal: both, redirect: 'error' });
      const body = await answer.text();
      if (!answer.ok) throw toError(answer.status, body);
      return body;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BrowserstackError) throw error;
      throw new BrowserstackError('unavailable', 'BrowserStack: it cannot be reached.', error);
    }
  }

  async function call<T>(
    schema: z.ZodType<T>,
    address: string,
    signal: AbortSignal,
    init: () => Promise<RequestInit> = async () => ({}),
    ms = callMs,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const body = await once(address, await init(), ms, signal);
        const known = schema.safeParse(schema === Anything ? body : jsonOf(body));
        if (known.success) return known.data;
        throw new BrowserstackError('rejected', `BrowserStack answered what this agent does not know (${address}).`);
      } catch (error) {
        const passing = error instanceof BrowserstackError && error.failure === 'unavailable';
        if (!passing || attempt >= tries) throw error;
      }
      await pause(backoffMs(attempt, 5000), signal);
      signal.throwIfAborted();
    }
  }

  return {
    async findApp(customId, signal) {
      const found = await call(RecentApps, `${app}/recent_apps/${encodeURIComponent(customId)}`, signal);
      return Array.isArray(found) ? (found[0]?.app_url ?? null) : null;
    },
    async upload(file, customId, signal) {
      const init = async () => {
        const body = new FormData();
        body.set('file', await openAsBlob(file), file.endsWith('.ipa') ? 'app.ipa' : 'app.apk');
        body.set('custom_id', customId);
        return { method: 'POST', body };
      };
      return (await call(Uploaded, `${app}/upload`, signal, init, uploadMs)).app_url;
    },
    plan: (signal) => call(Plan, `${app}/plan.json`, signal),
    session: async (id, signal) => (await call(Session, sessionAddress(id), signal)).automation_session,
    async mark(id, how, signal) {
      const headers = { 'content-type': 'application/json' };
      const init = async () => ({ method: 'PUT', headers, body: JSON.stringify(how) });
      await call(Anything, sessionAddress(id), signal, init);
    },
    async end(id, signal) {
      const address = `${settings.hubUrl}/wd/hub/session/${encodeURIComponent(id)}`;
      await call(Anything, address, signal, async () => ({ method: 'DELETE' })).catch((error) => {
        if (!(error instanceof BrowserstackError && error.failure === 'rejected')) throw error;
      });
    },
  };
}

/** @throws BrowserstackError, since what answers in its place (a proxy, a page) may soon be gone */
function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new BrowserstackError('unavailable', 'BrowserStack: its answer is no JSON.', error);
  }
}
