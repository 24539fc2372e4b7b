import { GithubError } from './github.ts';
import { limitOf } from './limit.ts';

/** An answer far beyond what any of our requests should bring is not read to its end. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** GitHub ends a request after 10 s: whatever it did of one that timed out here is done, and can be looked up. */
const defaultTimeoutMs = 12_000;

export interface WireOptions {
  /** As GITHUB_API_URL, without a trailing slash. */
  apiUrl: string;
  /** Ours, ms since the epoch. */
  now: () => number;
  /** From the request to the last byte of its answer; 12 s unless told. */
  timeoutMs?: number | undefined;
}

export interface WireRequest {
  method: 'GET' | 'POST' | 'PATCH';
  /** Below the API's address, with its query. */
  path: string;
  /** Null for the one request that needs none: a manifest's conversion. */
  token: string | null;
  body?: unknown;
}

export interface WireAnswer {
  json: unknown;
  headers: Headers;
}

/** HTTP to one GitHub and to no other host. */
export interface Wire {
  apiUrl: string;
  /** @throws GithubError for every answer but a success, and status 0 for none */
  send(request: WireRequest): Promise<WireAnswer>;
  /** How far GitHub's clock is ahead of ours by its latest answer, ms; 0 before the first; right to a second or so. */
  clockSkewMs(): number;
}

/**
 * Plain fetch rather than @octokit/request: that is itself fetch with URL templates, and what we need around it (redirects
 * refused, so that no token reaches another host; answers bounded; the whole exchange under one deadline) it leaves to fetch.
 */
export function createWire({ apiUrl, now, timeoutMs = defaultTimeoutMs }: WireOptions): Wire {
  let skewMs = 0;
  return {
    apiUrl,
    clockSkewMs: () => skewMs,
    async send(request) {
      const what = `${request.method} ${request.path.replace(/\?.*/, '')}`;
      const { response, text } = await exchange(apiUrl, request, timeoutMs).catch((error: unknown) => {
        throw new GithubError(`${what}: no answer (${reasonOf(error)})`, 0, null, { cause: error });
      });
      const saidAt = Date.parse(response.headers.get('date') ?? '');
      // the header counts whole seconds, and the answer took its time: less than that is no skew
      const apartMs = saidAt + 500 - now();
      if (!Number.isNaN(saidAt)) skewMs = Math.abs(apartMs) < 1_500 ? 0 : apartMs;
      const json = parse(text);
      if (response.ok && json !== undefined) return { json, headers: response.headers };
      const said = response.ok ? 'an answer that is no JSON' : messageOf(json);
      const retryAfterMs = limitOf(response.status, response.headers, said, now() + skewMs);
      // a success that cannot be read is no answer: the request was carried out, nobody knows how
      throw new GithubError(`${what}: ${response.status} ${said}`, response.ok ? 0 : response.status, retryAfterMs);
    },
  };
}

async function exchange(apiUrl: string, { method, path, token, body }: WireRequest, timeoutMs: number) {
  const response = await fetch(apiUrl + path, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      accept: 'application/vnd.github+json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      // pinned: the API's default version moves on, and the next one breaks
      'x-github-api-version': '2022-11-28',
      'user-agent': 'qgjob',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { response, text: await readBounded(response) };
}

async function readBounded(response: Response): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Null for no body, undefined for one that is no JSON. */
function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** GitHub's message, short and on one line: it ends in logs. */
function messageOf(json: unknown): string {
  const { message, errors } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const details = errors === undefined ? '' : ` ${JSON.stringify(errors)}`;
  return `${typeof message === 'string' ? message : 'without a message'}${details}`
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 500);
}

/** Of a failed fetch: its cause tells more than it does, and neither tells headers. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as { name?: string; message?: string; cause?: { code?: string } };
  return cause?.code ?? (name === 'TimeoutError' ? 'timed out' : (message ?? 'unknown'));
}
