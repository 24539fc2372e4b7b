import type { IncomingMessage, ServerResponse } from 'node:http';
import { type NewSession, parseNewSession } from '../../executors/appium/capabilities.ts';
import { answeredValue, messageOf, readAll } from '../../executors/appium/upstream.ts';
import { refuse } from '../../executors/appium/webdriver-error.ts';
import { backoffMs, pause } from '../../pause.ts';
import { tellsLimit } from '../browserstack-error.ts';
import type { CloudJob, CloudSession } from './cloud-job.ts';
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
  const { status, body } = await untilGranted(deps, job, JSON.stringify(named(asked, job)));
  const value = answeredValue(body) as { sessionId?: unknown } | null | undefined;
  const id = value?.sessionId;
  const granted = status < 400 && typeof id === 'string' && /^[\w-]{1,128}$/.test(id);
  const session: CloudSession | null = granted ? { id, startedAt, endedAt: null, marked: false } : null;
  if (session) await deps.opened(job, session);
  else job.refused(messageOf(body));
  const taker = job.waiting;
  job.waiting = null;
  if (taker && !taker.destroyed && !job.over.signal.aborted)
    taker.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  else if (session) await deps.end(session);
}

interface Answer {
  status: number;
  body: string;
}

/** Asks until there is a session, or a refusal that is none for want of parallels. */
async function untilGranted({ upstream, holdMs }: SessionMaking, job: CloudJob, body: string): Promise<Answer> {
  const giveUpAtMs = performance.now() + holdMs;
  for (let tries = 1; ; tries++) {
    const answer = await ask(upstream, body);
    const isFull = answer.status >= 400 && tellsLimit(answer.body);
    job.refusal = isFull ? messageOf(answer.body) : null;
    if (!isFull || job.over.signal.aborted || performance.now() > giveUpAtMs) return answer;
    if (tries === 1) job.say('All parallels of BrowserStack are in use: waiting for one.');
    await pause(backoffMs(tries + 1, betweenTriesMs), job.over.signal);
  }
}

async function ask(upstream: Upstream, body: string): Promise<Answer> {
  const path = '/wd/hub/session';
  const contentType = 'application/json; charset=utf-8';
  try {
    const answer = await upstream({ method: 'POST', path, contentType, body, timeoutMs: creationMs });
    return { status: answer.statusCode ?? 502, body: await readAll(answer, maxBytes) };
  } catch (error) {
    const message = `BrowserStack cannot be reached: ${(error as Error).message}`;
    return { status: 500, body: JSON.stringify({ value: { error: 'session not created', message, stacktrace: '' } }) };
  }
}

/** AppWright names builds for the folder it runs in, which is always the same here. */
function named({ capabilities: { alwaysMatch = {}, ...rest } }: NewSession, job: CloudJob): NewSession {
  const options = alwaysMatch['bstack:options'];
  const { sessionName, buildName } = job;
  const named = { ...(typeof options === 'object' ? options : {}), sessionName, buildName };
  return { capabilities: { ...rest, alwaysMatch: { ...alwaysMatch, 'bstack:options': named } } };
}
