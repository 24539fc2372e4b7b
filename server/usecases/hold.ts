import type { Approval } from '../domain/github/delivery.ts';
import { groupKey } from '../domain/grouping.ts';
import type { Job, Run } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import type { Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { groupIdOf } from './submission-keys.ts';

/** Runs of one commit that are looked at, newest first; more of them than this are let go on the next approval. */
const maxRuns = 500;

export const waitingForMaintainer =
  'Waiting for a maintainer: the commit is from a fork. Comment /qgjob run on the pull request to run it, or have an admin run: qgjob approve';

/** Where GitHub is, of a run: github.com unless told. */
export function hostOf({ github }: Pick<Run, 'github'>): string {
  return github?.host ?? 'github.com';
}

/**
 * Whether a run has to wait until somebody who may write approves its commit. Call it before the unit of work locks anything
 * else: an approval locks the commit first, too.
 */
export async function mustAwaitApproval(
  tx: Tx,
  run: Pick<Run, 'github' | 'repositoryId' | 'headSha'>,
): Promise<boolean> {
  if (run.github?.from_fork !== true) return false;
  // nobody could ever approve it: the contract refuses such a submission
  if (run.repositoryId === null || run.headSha === null) return true;
  const { approvedBy } = await tx.approvals.lock(hostOf(run), run.repositoryId, run.headSha);
  return approvedBy === null;
}

/** The group of a run's jobs while it is held: one that is never enqueued, so that no claim finds it. */
export function heldGroupId(run: Pick<Run, 'id'>): string {
  return `held_${run.id}`;
}

export function isHeldGroup(job: Pick<Job, 'runId' | 'groupId'>): boolean {
  return job.groupId === heldGroupId({ id: job.runId });
}

/** The group that a run's jobs belong to. */
export function groupIdOfRun(deps: Pick<Deps, 'sha256'>, run: Run): string {
  return groupIdOf(deps, groupKey(run.orgId, run.appVersionId, run.target, run.devices));
}

/** Approves a commit and puts the jobs of every run that waits for that in line, at the place they would have had. */
export async function approve(
  deps: Pick<Deps, 'sha256'>,
  changes: Changes,
  commit: Pick<Approval, 'host' | 'repositoryId' | 'headSha'>,
  by: string,
): Promise<void> {
  const { tx, now } = changes;
  const approval = await tx.approvals.lock(commit.host, commit.repositoryId, commit.headSha);
  if (approval.approvedBy === null) await tx.approvals.save({ ...approval, approvedBy: by, approvedAt: now });
  const runs = await tx.runs.ofCommit(commit.repositoryId, commit.headSha, maxRuns);
  const held = runs.filter((run) => run.awaitingApproval && hostOf(run) === commit.host);
  await changes.lockGroups(held.map((run) => groupIdOfRun(deps, run)));
  for (const { id } of held) await release(deps, changes, id);
}

async function release(deps: Pick<Deps, 'sha256'>, changes: Changes, runId: string): Promise<void> {
  const { tx, now } = changes;
  const run = await changes.run(runId);
  // cancelled, or released, since it was read
  if (!run.awaitingApproval) return;
  const queueDeadlineAt = run.queueTimeoutMs === null ? null : now + run.queueTimeoutMs;
  const { version } = await changes.touchRun(runId, { awaitingApproval: false, reason: null, queueDeadlineAt });
  const groupId = groupIdOfRun(deps, run);
  await tx.jobs.regroup(runId, groupId, version);
  const waiting = (await tx.jobs.ofRun(runId)).filter((job) => job.status === 'queued');
  const workMs = waiting.reduce((sum, job) => sum + job.estimateMs, 0);
  const line = { count: waiting.length, workMs, priority: run.priority, enqueuedAt: run.createdAt };
  await tx.groups.enqueue({ ...run, id: groupId }, line);
  changes.workArrived(run.target, run);
}
