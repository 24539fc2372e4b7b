import { mustSee, notFound } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { loadJob } from './load-views.ts';
import type { JobView } from './views.ts';

/** A job with its attempts. @throws DomainError `not_found` */
export async function getJob(deps: Deps, caller: Caller, id: string): Promise<JobView> {
  return deps.store.read(async (tx) => {
    const job = mustSee(caller, await tx.jobs.find(id), 'job', id);
    const run = await tx.runs.find(job.runId);
    if (!run) throw notFound('job', id);
    return loadJob(tx, job, run);
  });
}
