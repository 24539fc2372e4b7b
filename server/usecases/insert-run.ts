import { addCounts, zeroCounts } from '../domain/counts.ts';
import type { Job, Run } from '../domain/model.ts';
import { Conflict } from '../store/store.ts';
import type { Changes } from './changes.ts';
import { openCheckRun } from './check-outbox.ts';
import type { Deps } from './deps.ts';
import { estimateMsOf } from './estimates.ts';
import { groupIdOfRun, heldGroupId, waitingForMaintainer } from './hold.ts';
import { loadCheck } from './load-views.ts';
import type { RunView } from './views.ts';

/**
 * Writes a new run, its group and its jobs, in the order of `tests`. Those that have a job in `passed`, of an earlier run,
 * are carried over: they stand there completed as they were; the others wait. With nothing left to wait for the run
 * completes at once. Those of a run that awaits approval wait where no claim finds them.
 * @throws Conflict when an identical run was just submitted, so that this unit of work runs again and finds it
 */
export async function insertRun(
  deps: Deps,
  changes: Changes,
  run: Run,
  tests: readonly string[],
  passed: readonly Job[] = [],
): Promise<RunView> {
  const { tx, now } = changes;
  const groupId = run.awaitingApproval ? heldGroupId(run) : groupIdOfRun(deps, run);
  const earlier = new Map(passed.map((job) => [job.testPath, job]));
  const jobs: Job[] = [];
  for (const testPath of tests) {
    const before = earlier.get(testPath);
    const estimateMs = before?.estimateMs ?? (await estimateMsOf(deps, tx, run, testPath));
    const fresh = newJob(deps, run, { groupId, testPath, position: jobs.length, estimateMs });
    jobs.push(before ? carry(before, fresh) : fresh);
  }
  const waiting = jobs.filter((job) => job.status === 'queued');
  const queued = waiting.length;
  const counts = jobs.map((job) => job.counts).reduce(addCounts, zeroCounts());
  const isHeld = run.awaitingApproval && queued > 0;
  const all: Run = { ...run, jobsTotal: jobs.length, jobsQueued: queued, counts };
  const stored = isHeld ? held(all) : all;
  if (queued > 0 && !isHeld) {
    await tx.groups.enqueue(
      { ...stored, id: groupId },
      {
        count: queued,
        workMs: waiting.reduce((sum, job) => sum + job.estimateMs, 0),
        priority: run.priority,
        enqueuedAt: now,
      },
    );
    changes.workArrived(run.target, run);
  }
  if (!(await tx.runs.insert(stored))) throw new Conflict('an identical run was submitted at the same moment');
  await tx.jobs.insert(jobs);
  await openCheckRun(deps, tx, stored);
  const settled = queued > 0 ? stored : await concludeAtOnce(changes, run.id);
  const check = await loadCheck(tx, settled);
  return { run: settled, check, jobs: jobs.map((job) => ({ job, run: settled, attempts: [], holder: null })) };
}

/** Nothing runs against time while only a person can make it go on; whoever still waits then renews its lease. */
function held(run: Run): Run {
  return { ...run, reason: waitingForMaintainer, queueDeadlineAt: null, clientLeaseExpiresAt: null };
}

/** Every change of a run that has nothing open concludes it; here there is no other change to do so. */
async function concludeAtOnce(changes: Changes, runId: string): Promise<Run> {
  await changes.touchRun(runId);
  await changes.flush();
  return changes.run(runId);
}

/** A job that passed, as it stands in the run that does not run it again. */
function carry(before: Job, { id, runId, position, version, priority, createdAt, enqueuedAt }: Job): Job {
  return {
    ...before,
    id,
    runId,
    position,
    version,
    priority,
    createdAt,
    enqueuedAt,
    // of a job that was itself carried over: the one that ran
    carriedFrom: before.carriedFrom ?? before.id,
    cancelRequested: false,
    leaseId: null,
    attempts: 0,
    testFailures: 0,
    infraFailures: 0,
    installFailures: 0,
    timeouts: 0,
    losses: 0,
    failedOn: [],
  };
}

function newJob(
  deps: Deps,
  run: Run,
  { groupId, testPath, position, estimateMs }: Pick<Job, 'groupId' | 'testPath' | 'position' | 'estimateMs'>,
): Job {
  return {
    id: deps.newId('job'),
    runId: run.id,
    orgId: run.orgId,
    repositoryId: run.repositoryId,
    position,
    groupId,
    appVersionId: run.appVersionId,
    testPath,
    target: run.target,
    priority: run.priority,
    status: 'queued',
    conclusion: null,
    reason: null,
    reasonCode: null,
    cancelRequested: false,
    carriedFrom: null,
    version: run.version,
    createdAt: run.createdAt,
    enqueuedAt: run.createdAt,
    estimateMs,
    startedAt: null,
    completedAt: null,
    leaseId: null,
    attemptStartedAt: null,
    attempts: 0,
    testFailures: 0,
    infraFailures: 0,
    installFailures: 0,
    timeouts: 0,
    losses: 0,
    failedOn: [],
    counts: zeroCounts(),
  };
}
