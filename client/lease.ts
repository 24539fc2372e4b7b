import type { Client } from '../contract/client.ts';

/** A run that nobody waits for is cancelled after this long, when its submitter said it would wait. */
export const clientLeaseSeconds = 120;

const cancelWithinMs = 5000;

/** Keeps telling the server that this client still waits for a run, until the timer is cleared. */
export function keepLease(client: Client, id: string): NodeJS.Timeout {
  const renew = () => {
    // a renewal that fails is made up for by the next: the lease outlasts three
    client.renewRunLease({ params: { id } }, { retries: 0 }).catch(() => {});
  };
  // at once as well: from the submission to here some of its time may have gone
  renew();
  return setInterval(renew, (clientLeaseSeconds * 1000) / 4).unref();
}

/** Cancels a run that its submitter gave up; resolves within five seconds with whether the server confirmed it. */
export async function cancelAbandoned(client: Client, id: string): Promise<boolean> {
  try {
    await client.cancelRun(
      { params: { id } },
      { signal: AbortSignal.timeout(cancelWithinMs), idempotencyKey: `stop-${id}` },
    );
    return true;
  } catch {
    return false;
  }
}
