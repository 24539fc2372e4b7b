import type { CheckView } from '../domain/check-view.ts';
import type { Run } from '../domain/model.ts';
import { quarantineKey } from '../domain/quarantine.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';
import { explain } from './explain-job.ts';
import { loadReport } from './load-views.ts';

/** All of a run that its check run and its page tell, as it stands now; `publicUrl` is for whoever renders it. */
export async function loadCheckView(deps: Deps, tx: Tx, run: Run, now: number): Promise<Omit<CheckView, 'publicUrl'>> {
  const { jobs } = await loadReport(tx, run);
  const waiting = run.awaitingApproval ? undefined : jobs.find(({ job }) => job.status === 'queued')?.job;
  const quarantines = run.repositoryId === null ? [] : await tx.quarantines.active(run.orgId, run.repositoryId, now);
  const views: CheckView['jobs'][number][] = [];
  for (const view of jobs) {
    const source = view.job.carriedFrom === null ? undefined : await tx.jobs.find(view.job.carriedFrom);
    views.push({ ...view, carriedFromRun: source?.runId ?? null });
  }
  return {
    run,
    jobs: views,
    wait: waiting ? await explain(deps, tx, waiting, now) : null,
    quarantined: new Set(quarantines.map(quarantineKey)),
  };
}
