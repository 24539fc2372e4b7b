import { DomainError } from '../domain/errors.ts';
import { mustSee, notFound } from './authorise.ts';
import { change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { once } from './once.ts';
import { resubmit } from './resubmit.ts';
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

function notCompleted(what: string, id: string): DomainError {
  return new DomainError('not_completed', `The ${what} ${id} has not completed yet. Wait for it, or cancel it first.`);
}
