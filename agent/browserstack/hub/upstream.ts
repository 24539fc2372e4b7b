import { type IncomingMessage, request as requestClear } from 'node:http';
import { request as requestTls } from 'node:https';

export interface Exchange {
  method: string;
  /** As the runner asked for it: it begins with `/wd/hub` or `/app-automate`. */
  path: string;
  contentType: string | undefined;
  body: string;
  /** The answer has to have begun in this time. */
  timeoutMs: number;
  /** Ends it early: nobody waits for the answer any more. */
  signal?: AbortSignal;
}

/** BrowserStack, as far as the hub hands things on to it. @throws Error when it gives no answer in time */
export type Upstream = (exchange: Exchange) => Promise<IncomingMessage>;

export interface UpstreamSettings {
  hubUrl: string;
  apiUrl: string;
  /** The account's own, which no runner is told. */
  authorization: string;
}

/** Nothing follows a redirect, which would carry the credentials to wherever it leads. */
export function createUpstream({ hubUrl, apiUrl, authorization }: UpstreamSettings): Upstream {
  return ({ method, path, contentType, body, timeoutMs, signal: given }) =>
    new Promise((resolve, reject) => {
      const target = new URL((path.startsWith('/app-automate/') ? apiUrl : hubUrl) + path);
      const headers = {
        authorization,
        accept: 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(contentType ? { 'content-type': contentType } : {}),
      };
      const request = target.protocol === 'http:' ? requestClear : requestTls;
      const inTime = AbortSignal.timeout(timeoutMs);
      const signal = given ? AbortSignal.any([inTime, given]) : inTime;
      const onward = request(target, { method, headers, signal }, resolve);
      onward.once('error', (error) =>
        reject(inTime.aborted ? new Error(`no answer in ${timeoutMs / 1000} s`, { cause: error }) : error),
      );
      onward.end(body);
    });
}
