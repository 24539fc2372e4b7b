import type { Run } from '../domain/model.ts';
import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { type LoadedCheck, loadCheckView } from './load-check-view.ts';

/** A run with all that is known of it. */
export interface RunPageView extends LoadedCheck {
  /** The runs that do it again, newest first. */
  retries: Run[];
}

const mostRetries = 20;

/** What a run's page tells. @throws DomainError `not_found` */
export async function getRunPage(deps: Deps, caller: Caller, id: string): Promise<RunPageView> {
  const now = deps.now();
  return deps.store.read(async (tx) => {
    const run = mustSee(caller, await tx.runs.find(id), 'run', id);
    return { ...(await loadCheckView(deps, tx, run, now)), retries: await tx.runs.retriesOf(id, mostRetries) };
  });
}
