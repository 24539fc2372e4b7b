import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { readAll } from '../../executors/appium/upstream.ts';
import { refuse } from '../../executors/appium/webdriver-error.ts';
import type { CloudJob } from './cloud-job.ts';
import type { Upstream } from './upstream.ts';

/** Files are pushed in a command's body. */
const maxRequestBytes = 256 * 1024 * 1024;
/** The longest a single command may take. */
const commandMs = 300_000;

export interface Relayed {
  upstream: Upstream;
  job: CloudJob;
  /** With its query, as a URL has it: no dot segments. */
  path: string;
  answered: (status: number) => void;
}

/**
 * Hands a request on to BrowserStack and its answer back; `answered` hears the status before the runner does, which may ask for
 * more at once. That BrowserStack gives no answer is noted with the job.
 */
export async function relay(
  { upstream, job, path, answered }: Relayed,
  request: IncomingMessage,
  response: ServerResponse,
  body?: string,
): Promise<void> {
  const { method = 'GET', headers } = request;
  const contentType = headers['content-type'];
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  try {
    const bytes = body ?? (await readAll(request, maxRequestBytes));
    const answer = await upstream({
      method,
      path,
      contentType,
      body: bytes,
      timeoutMs: commandMs,
      signal: hungUp.signal,
    });
    const status = answer.statusCode ?? 502;
    answered(status);
    response.writeHead(status, { 'content-type': answer.headers['content-type'] ?? 'application/json' });
    await pipeline(answer, response);
  } catch (error) {
    // a runner that hung up is no failure of BrowserStack's
    if (response.destroyed) return;
    const message = `BrowserStack gave way during ${method} ${path}: ${(error as Error).message}`;
    job.troubles.push({ at: Date.now(), message, blame: 'device' });
    refuse(response, 500, 'unknown error', message);
  }
}
