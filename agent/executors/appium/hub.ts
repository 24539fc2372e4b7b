import type { IncomingMessage, ServerResponse } from 'node:http';
import { freePort } from '../../free-port.ts';
import type { AppiumServer } from './appium-server.ts';
import { forward } from './forward.ts';
import { type HubJob, type HubJobRequest, openHubJob } from './hub-job.ts';
import { createSession } from './new-session.ts';
import { endSession, type OpenSession } from './sessions.ts';
import { refuse } from './webdriver-error.ts';
import { listenToRunners } from './webdriver-listener.ts';

/** What test runners take for Appium: one per machine, in front of one long-lived Appium, for all of its devices. */
export interface Hub {
  port: number;
  /** Lets a job's runner make sessions, until the job is closed. */
  open(request: HubJobRequest): HubJob;
  /**
   * Deletes the sessions a runner left, those it still waits for too, and knows the job no more. Resolves once nothing is done
   * to the device for it any more: a session deleted later would take the next job's driver down with it.
   */
  close(job: HubJob): Promise<void>;
  /** Appium went down: whoever has a session has lost it. */
  lost(message: string): void;
  /** Refuses everything from now on. */
  stop(): Promise<void>;
}

/** Listens on loopback only. @throws Error when the port is taken: another Appium would be taken for this one */
export async function startHub(appium: Pick<AppiumServer, 'ready'>, port: number): Promise<Hub> {
  const jobs = new Map<string, HubJob>();
  const sessions = new Map<string, OpenSession>();
  const systemPorts = new Map<string, Promise<number>>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    const path = url.split('?', 1)[0] ?? '';
    if (method === 'GET' && path === '/status') return answerStatus(response);
    if (method === 'POST' && path === '/session')
      return createSession({ appium, jobs, sessions, systemPortOf }, request, response);
    const [, id = '', rest] = /^\/session\/([\w-]+)(\/.*)?$/.exec(path) ?? [];
    const session = sessions.get(id);
    if (!session) {
      const [error, message] =
        id === ''
          ? (['unknown command', 'unknown command'] as const)
          : (['invalid session id', 'no such session'] as const);
      return refuse(response, 404, error, message);
    }
    if (method === 'DELETE' && rest === undefined) {
      await endSession(sessions, session);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":null}');
      return;
    }
    const failure = await forward(request, response, session.port);
    if (failure !== null) session.job.note(failure, 'command');
  }

  async function answerStatus(response: ServerResponse): Promise<void> {
    try {
      await appium.ready();
      const body = JSON.stringify({ value: { ready: true, message: 'qgjob' } });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    } catch (error) {
      refuse(response, 500, 'unknown error', (error as Error).message);
    }
  }

  /** Where a driver reaches its server on the device: another agent on this machine may have ports of its own. */
  function systemPortOf(serial: string): Promise<number> {
    const port = systemPorts.get(serial) ?? freePort();
    systemPorts.set(serial, port);
    return port;
  }

  const listener = await listenToRunners(answer, port).catch((error) => {
    const why = (error as Error).message;
    throw new Error(
      `Port ${port}, where test runners look for Appium, cannot be used (${why}): stop what is there; one agent serves many devices.`,
    );
  });

  return {
    port: listener.port,
    open(request) {
      const job = openHubJob(request);
      jobs.set(job.token, job);
      return job;
    },
    async close(job) {
      jobs.delete(job.token);
      for (const session of [...sessions.values()]) if (session.job === job) await endSession(sessions, session);
      await Promise.allSettled(job.underway);
    },
    lost(message) {
      for (const { job, record } of sessions.values()) {
        record.endedAt = Date.now();
        job.note(message, 'lost');
      }
      sessions.clear();
    },
    async stop() {
      for (const session of [...sessions.values()]) await endSession(sessions, session);
      await listener.close();
    },
  };
}
