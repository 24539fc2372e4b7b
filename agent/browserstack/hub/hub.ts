import type { IncomingMessage, ServerResponse } from 'node:http';
import { readAll } from '../../executors/appium/upstream.ts';
import { refuse } from '../../executors/appium/webdriver-error.ts';
import { listenToRunners } from '../../executors/appium/webdriver-listener.ts';
import { pause } from '../../pause.ts';
import type { Log } from '../../settings.ts';
import type { BrowserstackApi } from '../api.ts';
import { type CloudJob, type CloudJobRequest, type CloudSession, newCloudSession, openCloudJob } from './cloud-job.ts';
import { createSession } from './new-session.ts';
import { relay } from './relay.ts';
import type { SessionFiles } from './session-files.ts';
import type { Upstream } from './upstream.ts';
import { verdictIn } from './verdict.ts';

/** How long the agent's end waits for sessions that are being made, to end them. */
const lastWaitMs = 10_000;
const defaultHoldMs = 200_000;

/** What runners take for BrowserStack: it has the key in their place, and knows every session of every job. */
export interface CloudHub {
  port: number;
  /** Lets a job's runner make sessions, until the job is closed. */
  open(request: CloudJobRequest): CloudJob;
  /** Ends the sessions a runner left, tells BrowserStack that they failed, and knows the job no more. */
  close(job: CloudJob): Promise<void>;
  /** How many sessions are open by this agent's doing. */
  openSessions(): number;
  /** Refuses everything from now on. */
  stop(): Promise<void>;
}

export interface CloudHubDeps {
  upstream: Upstream;
  api: Pick<BrowserstackApi, 'end' | 'mark'>;
  files: SessionFiles;
  log: Log;
  /** How long a runner is kept waiting for a parallel: 200,000 unless told. */
  holdMs?: number | undefined;
}

/** Listens on loopback only, and begins by ending what a killed agent left open. */
export async function startCloudHub(deps: CloudHubDeps): Promise<CloudHub> {
  const { api, files, log, upstream } = deps;
  const jobs = new Map<string, CloudJob>();
  const sessions = new Map<string, { job: CloudJob; session: CloudSession }>();
  const stopping = new AbortController();
  const making = new Set<Promise<void>>();

  function ended(session: CloudSession): void {
    session.endedAt = Date.now();
    sessions.delete(session.id);
    files.ended(session.id);
  }

  /** Never rejects: what cannot be ended now is ended by the next agent, or by BrowserStack when nothing comes any more. */
  async function end(session: CloudSession): Promise<void> {
    try {
      if (session.endedAt === null) {
        await api.end(session.id, AbortSignal.timeout(lastWaitMs));
        ended(session);
      }
      if (session.marked) return;
      const cut = { status: 'failed', reason: 'The test runner ended before its test did.' } as const;
      await api.mark(session.id, session.verdict ?? cut, AbortSignal.timeout(lastWaitMs));
      session.marked = true;
    } catch (error) {
      sessions.delete(session.id);
      log({ level: 'warn', message: `A session could not be ended: ${(error as Error).message}`, session: session.id });
    }
  }

  async function opened(job: CloudJob, session: CloudSession): Promise<void> {
    sessions.set(session.id, { job, session });
    job.sessions.push(session);
    await files.opened(session.id);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // without dot segments: what is decided for a path must be what is asked with the account's key
    const { pathname: path, search } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const onward = path + search;
    if (request.method === 'POST' && path === '/wd/hub/session') {
      const job = jobs.get(tokenOf(request) ?? '');
      if (!job) return refuse(response, 401, 'session not created', 'no job of this agent asks for this session');
      const made = createSession(
        { upstream, holdMs: deps.holdMs ?? defaultHoldMs, opened, end },
        job,
        request,
        response,
      );
      making.add(made);
      return made.finally(() => making.delete(made));
    }
    const [, command] = /^\/wd\/hub\/session\/([\w-]+)(?:\/.*)?$/.exec(path) ?? [];
    if (command !== undefined) {
      const open = sessions.get(command);
      if (!open) return refuse(response, 404, 'invalid session id', 'no such session');
      // WebDriver clients tell who they are for the first request alone
      const token = tokenOf(request);
      if (token !== null && token !== open.job.token)
        return refuse(response, 403, 'invalid session id', 'this session is of another job');
      const isEnd = request.method === 'DELETE' && path.endsWith(command);
      const answered = (status: number) => {
        if (isEnd && (status < 400 || status === 404)) ended(open.session);
      };
      return relay({ upstream, job: open.job, path: onward, answered }, request, response);
    }
    const [, asked] = /^\/app-automate\/sessions\/([\w-]+)\.json$/.exec(path) ?? [];
    const job = jobs.get(tokenOf(request) ?? '');
    const session = job?.sessions.find(({ id }) => id === asked);
    if (!job || !session || !['GET', 'PUT'].includes(request.method ?? ''))
      return refuse(response, 403, 'unknown command', 'runners ask BrowserStack for the sessions of their job only');
    const said = await readAll(request, 1024 * 1024);
    const verdict = request.method === 'PUT' ? verdictIn(said) : null;
    // kept also where BrowserStack does not take it now: the hub tells it again when the job is over
    if (verdict) session.verdict = verdict;
    const answered = (status: number) => {
      if (verdict && status < 400) session.marked = true;
    };
    return relay({ upstream, job, path: onward, answered }, request, response, said);
  }

  const listener = await listenToRunners(answer, 0);
  const left = files.left().then(async (ids) => {
    for (const id of ids) await end(newCloudSession(id, 0));
  });

  return {
    port: listener.port,
    open(request) {
      const job = openCloudJob(request);
      jobs.set(job.token, job);
      return job;
    },
    async close(job) {
      jobs.delete(job.token);
      job.over.abort();
      for (const session of job.sessions) await end(session);
    },
    openSessions: () => sessions.size,
    async stop() {
      await Promise.race([Promise.allSettled([...making, left]), pause(lastWaitMs, stopping.signal)]);
      stopping.abort();
      await listener.close();
    },
  };
}

/** The token a runner has in place of a key. */
function tokenOf({ headers: { authorization = '' } }: IncomingMessage): string | null {
  const [, encoded = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  return Buffer.from(encoded, 'base64').toString().split(':')[1] ?? null;
}
