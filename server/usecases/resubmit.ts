import { zeroCounts } from '../domain/counts.ts';
import type { Job, Run } from '../domain/model.ts';
import { asRetryOf } from './carry-over.ts';
import type { Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { mustAwaitApproval } from './hold.ts';
import { insertRun } from './insert-run.ts';
import { mustFitLimits } from './submit-run.ts';
import type { RunView } from './views.ts';

/**
 * A new run of some jobs of a completed one, of which those in `passed` are carried over. A fork's commit that nobody has
 * approved waits again.
 * @throws DomainError `limit_exceeded`
 */
export async function resubmit(
  deps: Deps,
  changes: Changes,
  run: Run,
  jobs: readonly Job[],
  passed: readonly Job[],
): Promise<RunView> {
  const { tx, now } = changes;
  const awaitingApproval = await mustAwaitApproval(tx, run);
  const org = await tx.orgs.find(run.orgId);
  if (org) await mustFitLimits(tx, org, jobs.length - passed.length);
  const fresh: Run = {
    ...run,
    ...asRetryOf(run),
    id: deps.newId('run'),
    status: 'queued',
    conclusion: null,
    reason: null,
    version: 1,
    createdAt: now,
    startedAt: null,
    completedAt: null,
    queueDeadlineAt: run.queueTimeoutMs === null ? null : now + run.queueTimeoutMs,
    clientLeaseExpiresAt: run.clientLeaseMs === null ? null : now + run.clientLeaseMs,
    awaitingApproval,
    jobsActive: 0,
    installsMade: 0,
    installsAvoided: 0,
    installMsSaved: 0,
    counts: zeroCounts(),
    // a run of some of the jobs only does not stand for the workflow's step
    rerunKey: jobs.length < run.jobsTotal ? null : run.rerunKey,
  };
  return insertRun(
    deps,
    changes,
    fresh,
    jobs.map((job) => job.testPath),
    passed,
  );
}
