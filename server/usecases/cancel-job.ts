import { mustSee } from './authorise.ts';
import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { endJob } from './end-run.ts';
import { loadJob } from './load-views.ts';
import type { JobView } from './views.ts';

/** Cancels one job of a run; the others go on. @throws DomainError `not_found` */
export async function cancelJob(deps: Deps, caller: Caller, id: string): Promise<JobView> {
  return change(deps, async (changes) => {
    const { tx } = changes;
    await changes.lockGroups([mustSee(caller, await tx.jobs.find(id), 'job', id).groupId]);
    const job = mustSee(caller, await tx.jobs.find(id), 'job', id);
    const ended = await endJob(changes, job, {
      conclusion: 'cancelled',
      reasonCode: 'cancelled_by_user',
      reason: 'Cancelled on request.',
    });
    return loadJob(tx, ended, await changes.run(job.runId));
  });
}
