/** One request as contract.md describes it, by plain fetch. */
export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  path: string;
  key: string;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  /** Gives up on the answer after so long; the server may have done the work all the same. */
  patienceMs?: number;
}

export interface Answer {
  status: number;
  /** The problem's code; null for a success. */
  code: string | null;
  body: unknown;
}

/** @throws whatever fetch throws when there is no answer: nobody knows then what the server did */
export async function call(base: string, request: Request): Promise<Answer> {
  const { method, path, key, headers = {}, json, text, patienceMs = 10_000 } = request;
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    signal: AbortSignal.timeout(patienceMs),
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(text === undefined ? {} : { body: text }),
  });
  const said = await response.text();
  const body: unknown = said === '' ? null : JSON.parse(said);
  return { status: response.status, code: response.ok ? null : codeOf(body), body };
}

/** Whether the same request may be sent again: the server did not get to an answer of its own. */
export function mayPass({ status, code }: Answer): boolean {
  return status >= 500 || status === 429 || code === 'idempotency_in_flight';
}

/**
 * Calls until there is an answer that is final, by way of killed servers and lost answers.
 * @param keepOn asked before each further try
 * @throws the last failure when it should not keep on
 */
export async function callUntilAnswered(base: string, request: Request, keepOn: () => boolean): Promise<Answer> {
  // dozens who knock at once keep a starting server from its CPU
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 1000)) {
    try {
      const answer = await call(base, request);
      if (!mayPass(answer) || !keepOn()) return answer;
    } catch (error) {
      if (!keepOn()) throw error;
    }
    await pause(waitMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : 'no problem document';
}
