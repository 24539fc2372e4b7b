import { addCounts, zeroCounts } from '../domain/counts.ts';
import { DomainError } from '../domain/errors.ts';
import type { Job, Run } from '../domain/model.ts';
import { mustSee, notFound } from './authorise.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { once } from './once.ts';
import { insertRun, mustFitLimits } from './submit-run.ts';
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
      const again = jobs.filter((job) => !passed.includes(job));
      if (again.length === 0) {
        throw new DomainError(
          'nothing_to_retry',
          `Every job of run ${id} passed. Retry without only_failed to run all again.`,
        );
      }
      return resubmit(deps, changes, run, again, passed);
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

async function resubmit(deps: Deps, changes: Changes, run: Run, again: Job[], passed: Job[]): Promise<RunView> {
  const { tx, now } = changes;
  const org = await tx.orgs.find(run.orgId);
  if (org) await mustFitLimits(tx, org, again.length);
  const id = deps.newId('run');
  const carried = passed.map((job, position) => carry(deps, job, id, position, now));
  const queueMs = run.queueDeadlineAt === null ? null : run.queueDeadlineAt - run.createdAt;
  const fresh: Run = {
    ...run,
    id,
    status: 'queued',
    conclusion: null,
    reason: null,
    version: 1,
    attempt: run.attempt + 1,
    retryOf: run.id,
    createdAt: now,
    startedAt: null,
    completedAt: null,
    queueDeadlineAt: queueMs === null ? null : now + queueMs,
    clientLeaseExpiresAt: run.clientLeaseMs === null ? null : now + run.clientLeaseMs,
    jobsActive: 0,
    installsMade: 0,
    installsAvoided: 0,
    installMsSaved: 0,
    counts: carried.reduce((sum, job) => addCounts(sum, job.counts), zeroCounts()),
  };
  return insertRun(
    deps,
    changes,
    fresh,
    again.map((job) => job.testPath),
    carried,
  );
}

/** A job that passed, as it stands in the run that does not run it again. */
function carry(deps: Deps, job: Job, runId: string, position: number, now: number): Job {
  return {
    ...job,
    id: deps.newId('job'),
    runId,
    position,
    version: 1,
    carriedFrom: job.carriedFrom ?? job.id,
    createdAt: now,
    enqueuedAt: now,
    leaseId: null,
    attempts: 0,
    testFailures: 0,
    infraFailures: 0,
    losses: 0,
  };
}

function notCompleted(what: string, id: string): DomainError {
  return new DomainError('not_completed', `The ${what} ${id} has not completed yet. Wait for it, or cancel it first.`);
}
