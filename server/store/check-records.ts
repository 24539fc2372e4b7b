import type { CheckLane, CheckRun, Urgency } from '../domain/check/run.ts';

/** The part of the store's port that is the outbox to GitHub. Lock order: runs, then lanes, then check runs. */
export interface CheckRecords {
  /** A new check run, with its lane where that is new. */
  insert(check: CheckRun): Promise<void>;
  /**
   * What a check run shows is out of date; of several such notes the most urgent holds. Progress is put off until
   * `progressEveryMs` after the write before, and one that cannot be posted is tried again for more than progress alone. Does
   * nothing where the run has no check run.
   */
  want(runId: string, urgency: Urgency, now: number): Promise<void>;
  find(runId: string): Promise<CheckRun | undefined>;
  /** The check run, kept from other units of work until this one ends. */
  lock(runId: string): Promise<CheckRun | undefined>;
  save(check: CheckRun): Promise<void>;
  /** The lanes of a host with something to tell now that no other server writes in, longest waiting first. */
  dueLanes(host: string, now: number, limit: number): Promise<CheckLane[]>;
  /** Takes a lane for one write. Of any number at once one gets it; undefined for the others, and when it is not its time. */
  lease(
    lane: Pick<CheckLane, 'host' | 'owner'>,
    terms: { token: string; expiresAt: number },
    now: number,
  ): Promise<CheckLane | undefined>;
  /** What is to be told first in a lane: the most urgent that is due, of those the longest due. */
  head(lane: Pick<CheckLane, 'host' | 'owner'>, now: number): Promise<CheckRun | undefined>;
  /**
   * Of those like it that are to be told and that GitHub has not, the oldest: the same name on the same commit. Whichever is made
   * last is what GitHub shows, so they are made in order. Undefined when there is none.
   */
  firstUnmade(like: CheckRun): Promise<CheckRun | undefined>;
  /** Gives a lane back as it is now. False when it was not ours any more; then nothing is changed. */
  release(lane: CheckLane, token: string): Promise<boolean>;
  /** Wants everything again that could not be posted there and was submitted at or after `since`: the App may write now. */
  resume(lane: Pick<CheckLane, 'host' | 'owner'>, since: number, now: number): Promise<void>;
}
