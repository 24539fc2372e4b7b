import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Witnessed } from '../../executors/runner/blame.ts';
import { tellsAppGone, tellsLimit } from '../browserstack-error.ts';

/** One session of a job. Instants are this machine's clock, in milliseconds. */
export interface CloudSession {
  id: string;
  startedAt: number;
  /** Null while it is open. */
  endedAt: number | null;
  /** How its test ended by the runner's word; null while it has said nothing. */
  verdict: SessionVerdict | null;
  /** BrowserStack was told how it ended. */
  marked: boolean;
}

/** How a session's test ended, in the words BrowserStack has for it. */
export interface SessionVerdict {
  status: 'passed' | 'failed';
  reason: string;
}

export function newCloudSession(id: string, startedAt: number): CloudSession {
  return { id, startedAt, endedAt: null, verdict: null, marked: false };
}

export interface CloudJobRequest {
  /** What sessions are called until the runner names them for their tests. */
  sessionName: string;
  /** Under which all sessions of the app version are found. */
  buildName: string;
  /** The uploaded app, which is all that its sessions may test: other organisations' apps are in the same account. */
  app: string;
  /** A line for the job's log. */
  say(line: string): void;
}

/** What the hub knows of one job. */
export interface CloudJob extends CloudJobRequest {
  /** What its runner has in place of the account's key: good for this job, at this hub. */
  token: string;
  sessions: CloudSession[];
  /** What the hub saw fail. */
  troubles: Witnessed[];
  /** What BrowserStack last answered in place of a session; null once it gave one. */
  refusal: string | null;
  /** Resolves with the reason when there is no sense in going on; never otherwise. */
  gaveWay: Promise<string>;
  /** The reason once there is one. */
  hopeless: string | null;
  /** Takes note of a session that was not made, for good. */
  refused(message: string): void;
  /** Aborts when the job is over. */
  over: AbortController;
  /** The runner's request that waits for a session, and the making of one. */
  waiting: ServerResponse | null;
  making: Promise<void> | null;
}

export function openCloudJob(request: CloudJobRequest): CloudJob {
  const { promise: gaveWay, resolve } = Promise.withResolvers<string>();
  const job: CloudJob = {
    ...request,
    token: randomUUID(),
    sessions: [],
    troubles: [],
    refusal: null,
    gaveWay,
    hopeless: null,
    refused(message) {
      job.refusal = message;
      job.troubles.push({ at: Date.now(), message, blame: 'device' });
      if (!tellsLimit(message) && !tellsAppGone(message)) return;
      job.hopeless ??= message;
      resolve(message);
    },
    over: new AbortController(),
    waiting: null,
    making: null,
  };
  return job;
}
