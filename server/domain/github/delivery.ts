import type { GithubEvent } from './event.ts';

/** A webhook that was received. */
export interface Delivery {
  /** Of the GitHub that sent it. */
  host: string;
  /** GitHub's, the same however often it is sent. */
  guid: string;
  /** As GitHub names them. */
  event: string;
  action: string | null;
  installationId: number | null;
  /** What it told; null where that could not be understood. */
  payload: GithubEvent | null;
  /** `ignored`: there was nothing to do, `note` says why. `failed`: given up, `note` says why; kept, and tried again when GitHub sends it again. */
  status: 'pending' | 'done' | 'failed' | 'ignored';
  attempts: number;
  nextAttemptAt: number;
  receivedAt: number;
  processedAt: number | null;
  note: string | null;
}

/** A commit of a fork whose tests wait until somebody who may write says that they may run. */
export interface Approval {
  host: string;
  repositoryId: number;
  headSha: string;
  /** Login of who approved it; null: nobody has. */
  approvedBy: string | null;
  approvedAt: number | null;
}

/** A GitHub account's installation of the App, as far as webhooks told. */
export interface Installation {
  host: string;
  id: number;
  account: string;
  state: 'active' | 'suspended' | 'deleted';
  changedAt: number;
}

/** So often a delivery is tried: with the pauses between, for more than an hour and a half. */
const maxAttempts = 17;
const firstPauseMs = 5_000;
const longestPauseMs = 600_000;

/**
 * What becomes of a delivery that could not be handled.
 * @param retryAfterMs GitHub's own wish, null where it has none
 */
export function afterFailure(delivery: Delivery, note: string, retryAfterMs: number | null, now: number): Delivery {
  const attempts = delivery.attempts + 1;
  const failed: Delivery = { ...delivery, attempts, note: note.slice(0, 500) };
  if (attempts >= maxAttempts) return { ...failed, status: 'failed', processedAt: now };
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1));
  return { ...failed, nextAttemptAt: now + Math.max(pauseMs, retryAfterMs ?? 0) };
}

/** A delivery that is dealt with. `ignored`: why there was nothing to do; null when it was done. */
export function afterSuccess(delivery: Delivery, ignored: string | null, now: number): Delivery {
  const status = ignored === null ? 'done' : 'ignored';
  return { ...delivery, attempts: delivery.attempts + 1, status, note: ignored, processedAt: now };
}

/** The same delivery received again. A failed one gets another life; null: there is nothing to change. */
export function afterRepeat(known: Delivery, again: Delivery): Delivery | null {
  return known.status === 'failed' ? again : null;
}
