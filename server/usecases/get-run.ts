import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { loadRun } from './load-views.ts';
import type { RunView } from './views.ts';

/** A run with its jobs. @throws DomainError `not_found` */
export async function getRun(deps: Deps, caller: Caller, id: string): Promise<RunView> {
  return deps.store.read(async (tx) => loadRun(tx, mustSee(caller, await tx.runs.find(id), 'run', id)));
}
