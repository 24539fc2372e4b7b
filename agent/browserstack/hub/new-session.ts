import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type NewSession, parseNewSession } from '../../executors/appium/capabilities.ts';
import { messageOf, readAll } from '../../executors/appium/upstream.ts';
import { refuse } from '../../executors/appium/webdriver-error.ts';
import { backoffMs, pause } from '../../pause.ts';
import { tellsLimit } from '../browserstack-error.ts';
import { type CloudJob, type CloudSession, newCloudSession } from './cloud-job.ts';
import type { Upstream } from './upstream.ts';

const maxBytes = 1024 * 1024;
/** BrowserStack drops what it has queued for 15 minutes. */
const creationMs = 960_000;
/** The longest between two tries for a parallel, while the runner waits. */
const betweenTriesMs = 10_000;

export interface SessionMaking {
  upstream: Upstream;
  /** How long a runner is kept waiting for a parallel; less than what is taken for silence. */
  holdMs: number;
  /** A session is there; resolves once it is on disk. */
  opened(job: CloudJob, session: CloudSession): Promise<void>;
  /** Ends a session that nobody is there to use. */
  end(session: CloudSession): Promise<void>;
}

/**
 * Answers a runner's new-session request. A WebDriver client gives up waiting after two minutes and asks again: who asks last
 * gets what was asked for first, so that one test never stands in BrowserStack's queue twice.
 */
export async function createSession(
  deps: SessionMaking,
  job: CloudJob,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = parseNewSession(await readAll(request, maxBytes));
  if (!asked) return refuse(response, 400, 'invalid argument', 'this is no new-session request');
  if (job.over.signal.aborted) return refuse(response, 500, 'session not created', 'the job is over');
  if (job.hopeless !== null) return refuse(response, 500, 'session not created', job.hopeless);
  if (job.waiting) refuse(job.waiting, 500, 'session not created', 'the runner has asked for it again');
  job.waiting = response;
  job.making ??= make(deps, job, asked).finally(() => {
    job.making = null;
  });
  await job.making;
}

async function make(deps: SessionMaking, job: CloudJob, asked: NewSession): Promise<void> {
  // a job has one parallel: what a worker that crashed has left open would take a second one
  for (const session of job.sessions) if (session.endedAt === null) await deps.end(session);
  const startedAt = Date.now();
  const { late, ...answer } = await untilGranted(deps, job, JSON.stringify(named(asked, job)));
  const session = sessionIn(answer, startedAt);
  if (session) await deps.opened(job, session);
  else if (!job.over.signal.aborted) job.refused(messageOf(answer.body));
  const taker = job.waiting;
  job.waiting = null;
  const isTaken = taker !== null && !taker.destroyed && !job.over.signal.aborted;
  if (isTaken) taker.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' }).end(answer.body);
  else if (taker) refuse(taker, 500, 'session not created', 'the job is over');
  if (session && !isTaken) await deps.end(session);
  // what BrowserStack grants after all would hold a parallel until nothing has come for minutes
  const granted = late && sessionIn(await late, startedAt);
  if (!granted) return;
  await deps.opened(job, granted);
  await deps.end(granted);
}

/** The session an answer gives, in WebDriver's form or the one before it; null where it gives none. */
function sessionIn({ status, body }: Answer, startedAt: number): CloudSession | null {
  if (status >= 400) return null;
  try {
    const { sessionId, value } = JSON.parse(body) as { sessionId?: unknown; value?: { sessionId?: unknown } | null };
    const id = value?.sessionId ?? sessionId;
    return typeof id === 'string' && /^[\w-]{1,128}$/.test(id) ? newCloudSession(id, startedAt) : null;
  } catch {
    return null;
  }
}

interface Answer {
  status: number;
  body: string;
}

/**
 * Asks until there is a session, or a refusal that is none for want of parallels, or patience is at its end: `late` is what
 * BrowserStack has not answered by then, such as a request that it keeps in its queue.
 */
async function untilGranted(
  { upstream, holdMs }: SessionMaking,
  job: CloudJob,
  body: string,
): Promise<Answer & { late?: Promise<Answer> }> {
  const patience = AbortSignal.any([job.over.signal, AbortSignal.timeout(holdMs)]);
  const impatient = patience.aborted ? Promise.resolve() : once(patience, 'abort');
  for (let tries = 1; ; tries++) {
    const asking = ask(upstream, body);
    const answer = await Promise.race([asking, impatient.then(() => null)]);
    if (answer === null) return { ...refusing(`${queued} gave no session in ${holdMs / 1000} s.`), late: asking };
    const isFull = answer.status >= 400 && tellsLimit(answer.body);
    job.refusal = isFull ? messageOf(answer.body) : null;
    if (!isFull) return answer;
    if (tries === 1) job.say('All parallels of BrowserStack are in use: waiting for one.');
    await pause(backoffMs(tries + 1, betweenTriesMs), patience);
    if (patience.aborted) return answer;
  }
}

/** In the words by which full parallels are known. */
const queued = 'All parallel tests are currently in use: BrowserStack';

function refusing(message: string): Answer {
  return { status: 500, body: JSON.stringify({ value: { error: 'session not created', message, stacktrace: '' } }) };
}

async function ask(upstream: Upstream, body: string): Promise<Answer> {
  const path = '/wd/hub/session';
  const contentType = 'application/json; charset=utf-8';
  try {
    const answer = await upstream({ method: 'POST', path, contentType, body, timeoutMs: creationMs });
    return { status: answer.statusCode ?? 502, body: await readAll(answer, maxBytes) };
  } catch (error) {
    return refusing(`BrowserStack cannot be reached: ${(error as Error).message}`);
  }
}

/** What would bring other apps of the account into a session. */
const otherApps = ['app', 'appium:app', 'otherApps', 'appium:otherApps', 'midSessionInstallApps'];

/**
 * The request as BrowserStack gets it: for the job's own app, and named for the job, since AppWright names builds for the folder
 * it runs in, which is always the same here.
 */
function named({ capabilities: { alwaysMatch = {}, firstMatch, ...rest } }: NewSession, job: CloudJob): NewSession {
  const options = alwaysMatch['bstack:options'];
  const { sessionName, buildName, app } = job;
  const named = { ...(isRecord(options) ? without(options, otherApps) : {}), sessionName, buildName };
  const always = { ...without(alwaysMatch, otherApps), 'appium:app': app, 'bstack:options': named };
  const first = firstMatch?.map((set) => without(set, [...otherApps, 'bstack:options']));
  return { capabilities: { ...rest, alwaysMatch: always, ...(first ? { firstMatch: first } : {}) } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function without(record: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}
