import { zeroCounts } from '../domain/counts.ts';
import { DomainError } from '../domain/errors.ts';
import type { Job, Run } from '../domain/model.ts';
import { mustSee, notFound } from './authorise.ts';
import { asRetryOf } from './carry-over.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { insertRun } from './insert-run.ts';
import { once } from './once.ts';
import { mustFitLimits } from './submit-run.ts';
import type { JobView, RunView } from './views.ts';

/**
 * A new run of a completed run's jobs. With `onlyFailed`, those that passed stand in it as they are, carried over.
 * @throws DomainError `not_found`, `not_completed`, `nothing_to_retry`, `limit_exceeded`
 */
export async function retryRun(
  deps: Deps,
  caller: Caller,
  id: string,
  { onlyFailed }: { onlyFailed: boolean },
  idempotency: Idempotency | null,
): Promise<RunView> {
  return change(deps, (changes) =>
    once(changes.tx, caller, idempotency, changes.now, async () => {
      const run = mustSee(caller, await changes.tx.runs.find(id), 'run', id);
      if (run.status !== 'completed') throw notCompleted('run', id);
      const jobs = await changes.tx.jobs.ofRun(id);
      const passed = jobs.filter((job) => onlyFailed && job.conclusion === 'passed');
      if (passed.length === jobs.length) {
        throw new DomainError(
          'nothing_to_retry',
          `Every job of run ${id} passed. Retry without only_failed to run all again.`,
        );
      }
      return resubmit(deps, changes, run, jobs, passed);
    }),
  );
}

/** A new run of one completed job. @throws DomainError `not_found`, `not_completed`, `limit_exceeded` */
export async function retryJob(
  deps: Deps,
  caller: Caller,
  id: string,
  idempotency: Idempotency | null,
): Promise<JobView> {
  return change(deps, (changes) =>
    once(changes.tx, caller, idempotency, changes.now, async () => {
      const job = mustSee(caller, await changes.tx.jobs.find(id), 'job', id);
      if (job.status !== 'completed') throw notCompleted('job', id);
      const run = await changes.tx.runs.find(job.runId);
      if (!run) throw notFound('job', id);
      const { jobs } = await resubmit(deps, changes, run, [job], []);
      const [made] = jobs;
      if (!made) throw notFound('job', id);
      return made;
    }),
  );
}

async function resubmit(deps: Deps, changes: Changes, run: Run, jobs: Job[], passed: Job[]): Promise<RunView> {
  const { tx, now } = changes;
  const org = await tx.orgs.find(run.orgId);
  if (org) await mustFitLimits(tx, org, jobs.length - passed.length);
  const queueMs = run.queueDeadlineAt === null ? null : run.queueDeadlineAt - run.createdAt;
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
    queueDeadlineAt: queueMs === null ? null : now + queueMs,
    clientLeaseExpiresAt: run.clientLeaseMs === null ? null : now + run.clientLeaseMs,
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

function notCompleted(what: string, id: string): DomainError {
  return new DomainError('not_completed', `The ${what} ${id} has not completed yet. Wait for it, or cancel it first.`);
}
