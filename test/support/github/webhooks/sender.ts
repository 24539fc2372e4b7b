import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import type { App, State } from '../state.ts';
import type { Webhook } from './payloads.ts';
import { shuffle } from './shuffle.ts';

export interface SendOptions {
  /** Sent this often with one GUID, one after the other; 1 unless told. */
  copies?: number;
  /** Never arrives; the log tells of a failed delivery, as GitHub's does. */
  lost?: boolean;
  /** Kept back this long. */
  delayMs?: number;
  /** Signed with this secret instead of the App's. */
  secret?: string;
  /** Changes the body after it was signed. */
  tamper?: (body: string) => string;
  guid?: string;
}

/** One attempt to deliver, as GitHub logs it. */
export interface Delivery {
  id: number;
  guid: string;
  app: App;
  webhook: Webhook;
  redelivery: boolean;
  deliveredAt: number;
  durationMs: number;
  /** `OK`, or what went wrong. */
  status: string;
  statusCode: number;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string>;
  response: string;
}

export interface StormOptions {
  /** Of each, under one GUID; 1 unless told. */
  copies?: number;
  /** Shuffles them, the same way for the same number; in order unless told. */
  shuffleSeed?: number;
  /** How many are under way together; 1 unless told. */
  atOnce?: number;
}

export interface Sender {
  /** Newest last. */
  log: Delivery[];
  /** @returns the log's entry of the last copy. */
  send(webhook: Webhook, options?: SendOptions): Promise<Delivery>;
  /** Sends many. @returns every attempt, in the order of their ends */
  sendAll(webhooks: Webhook[], options?: StormOptions): Promise<Delivery[]>;
  /** Sends once more, under the same GUID. */
  redeliver(id: number): Promise<Delivery>;
}

export interface SenderParts {
  state: State;
  /** How long an answer may take. */
  timeoutMs: number;
  /** What this GitHub sends with every webhook besides; an Enterprise Server names itself. */
  headers: Record<string, string>;
  now(): number;
}

export function createSender({ state, timeoutMs, headers, now }: SenderParts): Sender {
  const log: Delivery[] = [];

  const attempt = async (
    webhook: Webhook,
    guid: string,
    redelivery: boolean,
    options: SendOptions,
  ): Promise<Delivery> => {
    const { app, event, payload } = webhook;
    const body = JSON.stringify(payload);
    const requestHeaders = {
      ...headers,
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/7f3a1bc',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-id': String(app.id + 900_000),
      'x-github-hook-installation-target-id': String(app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': await sign(options.secret ?? app.webhookSecret, body),
    };
    const deliveredAt = now();
    const began = performance.now();
    const sent = options.tamper ? options.tamper(body) : body;
    const answer =
      options.lost || !app.webhookUrl ? unreachable : await post(app.webhookUrl, sent, requestHeaders, timeoutMs);
    const durationMs = performance.now() - began;
    const entry = {
      id: state.nextId(),
      guid,
      app,
      webhook,
      redelivery,
      deliveredAt,
      durationMs,
      requestHeaders,
      ...answer,
    };
    log.push(entry);
    return entry;
  };

  return {
    log,
    async send(webhook, options = {}) {
      const guid = options.guid ?? randomUUID();
      if (options.delayMs) await new Promise((resolve) => setTimeout(resolve, options.delayMs));
      let last = await attempt(webhook, guid, false, options);
      for (let copy = 1; copy < (options.copies ?? 1); copy++) last = await attempt(webhook, guid, false, options);
      return last;
    },
    async sendAll(webhooks, { copies = 1, shuffleSeed, atOnce = 1 } = {}) {
      const waiting = webhooks.flatMap((webhook) => {
        const guid = randomUUID();
        return Array.from({ length: copies }, () => ({ webhook, guid }));
      });
      if (shuffleSeed !== undefined) shuffle(waiting, shuffleSeed);
      const done: Delivery[] = [];
      const sendNext = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          done.push(await attempt(next.webhook, next.guid, false, {}));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, sendNext));
      return done;
    },
    async redeliver(id) {
      const first = log.find((one) => one.id === id);
      if (!first) throw new Error(`There is no delivery ${id}`);
      return attempt(first.webhook, first.guid, true, {});
    },
  };
}

type Outcome = Pick<Delivery, 'status' | 'statusCode' | 'response' | 'responseHeaders'>;

const unreachable: Outcome = {
  status: 'failed to connect to host',
  statusCode: 502,
  response: '',
  responseHeaders: {},
};

async function post(url: string, body: string, headers: Record<string, string>, timeoutMs: number): Promise<Outcome> {
  try {
    const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    const status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`;
    return {
      status,
      statusCode: response.status,
      response: text,
      responseHeaders: Object.fromEntries(response.headers),
    };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    return late ? { ...unreachable, status: 'timed out', statusCode: 504 } : unreachable;
  }
}
