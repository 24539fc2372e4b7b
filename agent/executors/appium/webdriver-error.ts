import type { ServerResponse } from 'node:http';

type WebDriverError =
  | 'session not created'
  | 'invalid session id'
  | 'unknown command'
  | 'invalid argument'
  | 'unknown error';

/** Answers in WebDriver's own form. Where an answer has begun already, it is cut off. */
export function refuse(response: ServerResponse, status: number, error: WebDriverError, message: string): void {
  if (response.headersSent) return void response.destroy();
  const body = JSON.stringify({ value: { error, message: `qgjob: ${message}`, stacktrace: '' } });
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' })
    .end(body);
}
