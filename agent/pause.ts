import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so many milliseconds, or until `signal` aborts: never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A random wait that doubles with each failure (1, 2, …), at most `capMs`: so that many agents do not come back at once. */
export function backoffMs(failures: number, capMs = 10_000): number {
  const limit = Math.min(250 * 2 ** failures, capMs);
  return limit / 2 + Math.random() * (limit / 2);
}
