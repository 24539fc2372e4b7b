/**
 * What BrowserStack answered, or that it did not. `refused`: these credentials are no good; `rejected`: it will not do this,
 * however often it is asked; `unavailable`: later it may.
 */
export type BrowserstackFailure = 'refused' | 'rejected' | 'unavailable';

export class BrowserstackError extends Error {
  override readonly name = 'BrowserstackError';
  readonly failure: BrowserstackFailure;
  constructor(failure: BrowserstackFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
  }
}

/** The error an answer tells, whatever it looks like: an object, a text, plain text, or nothing at all. */
export function toError(status: number, body: string): BrowserstackError {
  const failure =
    status === 401 || status === 403 ? 'refused' : status === 429 || status >= 500 ? 'unavailable' : 'rejected';
  const said = messageIn(body).slice(0, 1024) || 'without a word';
  return new BrowserstackError(failure, `BrowserStack answered ${status}: ${said}`);
}

function messageIn(body: string): string {
  try {
    const json: unknown = JSON.parse(body);
    return texts(json, 0)[0] ?? body.trim();
  } catch {
    return body.trim();
  }
}

/** Messages where BrowserStack is known to put them: `error`, `error.message`, `message`, `value.message`. */
function texts(json: unknown, depth: number): string[] {
  if (typeof json === 'string') return [json];
  if (typeof json !== 'object' || json === null || depth > 2) return [];
  const fields = json as Record<string, unknown>;
  return ['error', 'message', 'value'].flatMap((name) => texts(fields[name], depth + 1));
}

/** Whether a session was refused because all parallels are in use: it is worth waiting for. */
export function tellsLimit(text: string): boolean {
  return /All parallel tests are currently in use|\[BROWSERSTACK_(QUEUE_SIZE_EXCEEDED|TIER_LIMIT_EXCEEDED)\]/.test(
    text,
  );
}

/** Whether a session was refused because the uploaded app is no longer there. */
export function tellsAppGone(text: string): boolean {
  return /\[BROWSERSTACK_(APP_DELETED|INVALID_APP_CAP)\]/.test(text);
}
