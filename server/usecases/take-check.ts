import { type CheckLane, type CheckRun, limitPauseMs, pauseMs, type Urgency, urgencies } from '../domain/check/run.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';
import type { Written } from './write-check.ts';

/** A check run that is ours to write, with its lane, for a while. */
export interface Taken {
  /** As it was before it was taken. */
  check: CheckRun;
  lane: CheckLane;
  token: string;
  takenAt: number;
  expiresAt: number;
}

/**
 * Takes what a lane tells first, for one write. It is marked as begun before it begins, and due again when the lease runs out:
 * should this process die meanwhile, the next to take it knows that GitHub may have heard of it.
 * Undefined when another server has the lane, or when nothing is due any more.
 */
export async function takeCheck(
  deps: Pick<Deps, 'store' | 'newToken' | 'now'>,
  lane: Pick<CheckLane, 'host' | 'owner'>,
  leaseMs: number,
): Promise<Taken | undefined> {
  const token = deps.newToken();
  return deps.store.transaction(async (tx) => {
    const takenAt = deps.now();
    const expiresAt = takenAt + leaseMs;
    const leased = await tx.checks.lease(lane, { token, expiresAt }, takenAt);
    if (!leased) return undefined;
    const first = await tx.checks.head(lane, takenAt);
    const older = first?.remoteId === null ? await tx.checks.firstUnmade(first) : undefined;
    const check = first && (await tx.checks.lock((older ?? first).runId));
    if (!check || check.dueAt === null) {
      await tx.checks.release(leased, token);
      return undefined;
    }
    await tx.checks.save({ ...check, urgency: urgencies.progress, dueAt: expiresAt, takenAt, uncertain: true });
    return { check, lane: leased, token, takenAt, expiresAt };
  });
}

export interface Settlement {
  written: Written;
  /** Digest of what was to be shown. */
  hash: string;
  /** Between two writes of a lane. */
  spacingMs: number;
  /** From 0 to 1. */
  chance: number;
}

/** Writes down how a write ended and gives the lane back. Nothing when the lease was lost: whoever has it finds out himself. */
export async function settleCheck(
  deps: Pick<Deps, 'store' | 'now'>,
  { check, lane, token, takenAt }: Taken,
  settlement: Settlement,
): Promise<void> {
  const { written, spacingMs, chance } = settlement;
  await deps.store.transaction(async (tx) => {
    const now = deps.now();
    const hasFailed = written.kind === 'limited' || written.kind === 'unreached';
    const pause = hasFailed ? pauseOfLane(written, lane.failures, chance) : 0;
    const isFree = written.kind === 'told' && !written.sent;
    const notBefore = Math.max(isFree ? lane.notBefore : takenAt + spacingMs, hasFailed ? now + pause : 0);
    const failures = hasFailed ? lane.failures + 1 : 0;
    const { installationId } = written.known;
    if (!(await tx.checks.release({ ...lane, installationId, notBefore, failures }, token))) return;
    await settleOne(tx, check, now, settlement);
  });
}

function pauseOfLane(written: Extract<Written, { message: string }>, failures: number, chance: number): number {
  return written.kind === 'limited' ? limitPauseMs(written.waitMs, failures, chance) : pauseMs(failures, chance);
}

async function settleOne(tx: Tx, before: CheckRun, now: number, settlement: Settlement): Promise<void> {
  const { written, hash, chance } = settlement;
  const check = await tx.checks.lock(before.runId);
  if (!check) return;
  const { remoteId, remoteCompleted, annotationsSent, uncertain } = written.known;
  const known = { ...check, remoteId, remoteCompleted, annotationsSent, uncertain };
  // what changed meanwhile is due as it was noted; nothing else is
  const settled = check.generation === before.generation ? null : check.dueAt;
  // safe because the lesser of two urgencies is one
  const again = { dueAt: now, urgency: Math.min(check.urgency, before.urgency) as Urgency };
  const fine = { state: 'open', attempts: 0, notBefore: 0, lastError: null } as const;
  switch (written.kind) {
    case 'told': {
      const takenAt = written.sent ? check.takenAt : before.takenAt;
      const end = written.isLast ? { dueAt: settled, publishedHash: hash } : { ...again, publishedHash: null };
      return tx.checks.save({ ...known, ...fine, takenAt, ...end });
    }
    case 'moved':
      return tx.checks.save({ ...known, ...again });
    case 'limited':
      return tx.checks.save({ ...known, ...again, lastError: written.message });
    case 'unreached': {
      const attempts = check.attempts + 1;
      const notBefore = now + pauseMs(check.attempts, chance);
      return tx.checks.save({ ...known, ...again, attempts, notBefore, lastError: written.message });
    }
    case 'unpostable':
    case 'failed':
      return tx.checks.save({ ...known, state: written.kind, dueAt: settled, attempts: 0, lastError: written.message });
  }
}
