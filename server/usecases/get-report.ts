import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { loadReport } from './load-views.ts';
import type { ReportView } from './views.ts';

/**
 * A run with every test of every attempt; a job that was carried over has those of the job it stands for.
 * @throws DomainError `not_found`
 */
export async function getReport(deps: Deps, caller: Caller, id: string): Promise<ReportView> {
  return deps.store.read(async (tx) => loadReport(tx, mustSee(caller, await tx.runs.find(id), 'run', id)));
}
