import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { joinJobs } from './load-views.ts';
import type { ReportView } from './views.ts';

/**
 * A run with every test of every attempt; a job that was carried over has those of the job it stands for.
 * @throws DomainError `not_found`
 */
export async function getReport(deps: Deps, caller: Caller, id: string): Promise<ReportView> {
  return deps.store.read(async (tx) => {
    const run = mustSee(caller, await tx.runs.find(id), 'run', id);
    const full = Map.groupBy(await tx.results.fullOfRun(id), (attempt) => attempt.jobId);
    const jobs = await joinJobs(tx, run, await tx.jobs.ofRun(id), []);
    return {
      run,
      jobs: jobs.map((view) => ({ ...view, attempts: full.get(view.job.carriedFrom ?? view.job.id) ?? [] })),
    };
  });
}
