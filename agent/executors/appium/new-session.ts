import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppiumServer } from './appium-server.ts';
import { applyPolicy, type NewSession, parseNewSession, tokenOf } from './capabilities.ts';
import { type HubJob, onAccountOf } from './hub-job.ts';
import type { SessionRecord } from './record.ts';
import { deleteSession, type OpenSession } from './sessions.ts';
import { answeredValue, ask, messageOf, readAll } from './upstream.ts';
import { refuse } from './webdriver-error.ts';

const maxBodyBytes = 1024 * 1024;
/** The driver installs and starts its own server on a device it meets for the first time. */
const creationMs = 240_000;
/** More than this at once on one device is a test gone wild. */
const maxOpen = 4;

export interface SessionMaking {
  appium: Pick<AppiumServer, 'ready'>;
  jobs: ReadonlyMap<string, HubJob>;
  sessions: Map<string, OpenSession>;
  systemPortOf: (serial: string) => Promise<number>;
}

/** Answers a runner's new-session request: on its job's device, by its job's policy. */
export async function createSession(
  deps: SessionMaking,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = parseNewSession(await readAll(request, maxBodyBytes).catch(() => ''));
  if (!asked) return refuse(response, 400, 'invalid argument', 'this is no new-session request');
  const job = deps.jobs.get(tokenOf(asked) ?? '');
  if (!job) return refuse(response, 500, 'session not created', 'no job of this agent asks for this session');
  const hopeless = job.hopeless();
  if (hopeless !== null) return refuse(response, 500, 'session not created', hopeless);
  if ([...deps.sessions.values()].filter((open) => open.job === job).length >= maxOpen)
    return refuse(response, 500, 'session not created', `the job has ${maxOpen} sessions open`);
  await onAccountOf(job, establish(deps, job, asked, response));
}

/** Makes the session and answers with it, or says why there is none. */
async function establish(deps: SessionMaking, job: HubJob, asked: NewSession, response: ServerResponse): Promise<void> {
  try {
    const { port, record, body } = await make(deps, job, asked);
    // a runner that has gone, or whose job is over, has no use for it
    if (response.destroyed || deps.jobs.get(job.token) !== job) return await deleteSession(port, record.id);
    job.sessions.push(record);
    deps.sessions.set(record.id, { job, record, port });
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  } catch (error) {
    const message = (error as Error).message;
    job.note(message, 'refused');
    refuse(response, 500, 'session not created', message);
  }
}

async function make(
  { appium, systemPortOf }: SessionMaking,
  job: HubJob,
  asked: NewSession,
): Promise<{ port: number; record: SessionRecord; body: string }> {
  const installMs = await reinstall(job);
  const port = await appium.ready();
  const policy = { serial: job.serial, systemPort: await systemPortOf(job.serial), reset: job.reset };
  const startedAt = Date.now();
  const body = JSON.stringify(applyPolicy(asked, policy));
  const answer = await ask({ port, method: 'POST', path: '/session', body, timeoutMs: creationMs });
  const value = answeredValue(answer.body) as { sessionId?: unknown } | null | undefined;
  if (answer.status !== 200 || typeof value?.sessionId !== 'string') throw new Error(messageOf(answer.body));
  const creationMsTaken = Date.now() - startedAt;
  const record = {
    id: value.sessionId,
    startedAt,
    endedAt: null,
    creationMs: creationMsTaken,
    installMs,
    captures: [],
  };
  return { port, record, body: answer.body };
}

/** The job's first session finds the install that was made for the job; each further one gets its own. */
async function reinstall(job: HubJob): Promise<number | null> {
  if (job.reset !== 'reinstall' || job.sessions.length === 0) return null;
  const startedAt = performance.now();
  await job.reinstall();
  return Math.round(performance.now() - startedAt);
}
