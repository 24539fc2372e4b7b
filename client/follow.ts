import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, ProblemError, type Result, UnreachableError } from '../contract/client.ts';

/** What can be followed: every change raises its version. */
interface Followed {
  status: string;
  version: number;
}

export interface FollowOptions<T> {
  onChange(now: T): void;
  /** The server cannot be reached for the moment (an error), or can be again (null). */
  onTrouble(error: Error | null): void;
  signal?: AbortSignal | undefined;
  /** How long to leave the server alone after an answer, ms: a large answer's changes are taken in bunches. */
  pauseMs(now: T): number;
  /** How long a server may be away before that is an error, ms. */
  patienceMs?: number;
}

/** One request waits this long on the server; below the minute after which proxies cut idle requests. */
const pollSeconds = 50;
const defaultPatienceMs = 10 * 60_000;

/**
 * Follows a run or a job by long poll until it has completed, over restarts of the server: what was acknowledged outlives it.
 * @throws the signal's reason when aborted, the last error when the server stays away, any refusal at once.
 */
export async function followUntilCompleted<T extends Followed>(
  load: (query: { wait_seconds?: number; after_version?: number }, call: CallOptions) => Promise<Result<T>>,
  options: FollowOptions<T>,
): Promise<T> {
  const { signal, patienceMs = defaultPatienceMs } = options;
  const call: CallOptions = { retries: 0, ...(signal ? { signal } : {}) };
  let seen: T | undefined;
  let awaySince: number | undefined;
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    const query = seen && awaySince === undefined ? { wait_seconds: pollSeconds, after_version: seen.version } : {};
    try {
      const { body } = await load(query, call);
      if (awaySince !== undefined) options.onTrouble(null);
      awaySince = undefined;
      failures = 0;
      if (seen?.version !== body.version) options.onChange(body);
      seen = body;
      if (body.status === 'completed') return body;
      await pause(options.pauseMs(body), signal);
    } catch (error) {
      if (!isPassing(error)) throw error;
      const now = performance.now();
      if (awaySince === undefined) options.onTrouble(error);
      awaySince ??= now;
      if (now - awaySince > patienceMs) throw error;
      await pause(Math.min(250 * 2 ** failures++, 5000) * (0.5 + Math.random() / 2), signal);
    }
  }
}

/** A refusal stays; an unreachable or overloaded server may come back. */
export function isPassing(error: unknown): error is Error {
  return (
    error instanceof UnreachableError ||
    (error instanceof ProblemError && [429, 500, 502, 503, 504].includes(error.status))
  );
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}
