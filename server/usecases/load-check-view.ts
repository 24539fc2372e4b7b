import type { CheckView } from '../domain/check/view.ts';
import { flakyTests } from '../domain/counts.ts';
import { flakyRateOf } from '../domain/flakiness.ts';
import type { Run } from '../domain/model.ts';
import { quarantineKey } from '../domain/quarantine.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';
import { explain } from './explain-job.ts';
import { attemptsOfFile, mostFlakyTests } from './learn-blame.ts';
import { loadReport } from './load-views.ts';
import type { ReportView } from './views.ts';

/** A report with what a check run and a page tell besides; `publicUrl` is for whoever renders it. */
export interface LoadedCheck extends Omit<CheckView, 'publicUrl' | 'jobs'> {
  check: ReportView['check'];
  jobs: (ReportView['jobs'][number] & CheckView['jobs'][number])[];
}

/** All of a run that its check run and its page tell, as it stands now. */
export async function loadCheckView(deps: Deps, tx: Tx, run: Run, now: number): Promise<LoadedCheck> {
  const report = await loadReport(tx, run);
  const waiting = run.awaitingApproval ? undefined : report.jobs.find(({ job }) => job.status === 'queued')?.job;
  const quarantines = run.repositoryId === null ? [] : await tx.quarantines.active(run.orgId, run.repositoryId, now);
  const jobs: LoadedCheck['jobs'] = [];
  for (const view of report.jobs) {
    const source = view.job.carriedFrom === null ? undefined : await tx.jobs.find(view.job.carriedFrom);
    jobs.push({ ...view, carriedFromRun: source?.runId ?? null });
  }
  return {
    run,
    check: report.check,
    jobs,
    wait: waiting ? await explain(deps, tx, waiting, now) : null,
    quarantined: new Set(quarantines.map(quarantineKey)),
    flakyRates: await loadFlakyRates(tx, report.jobs),
  };
}

/** Of the files in which a test was flaky in this run. */
async function loadFlakyRates(tx: Tx, jobs: ReportView['jobs']): Promise<Map<string, number>> {
  const rates = new Map<string, number>();
  for (const { job, attempts } of jobs) {
    if (flakyTests(attempts).length === 0) continue;
    const seen = await attemptsOfFile(tx, job);
    for (const known of await tx.flakyTests.ofFile(job.orgId, job.testPath, job.target, mostFlakyTests)) {
      rates.set(quarantineKey(known), flakyRateOf(known, seen));
    }
  }
  return rates;
}
