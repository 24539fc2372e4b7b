import { mustSee } from './authorise.ts';
import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { endRun } from './end-run.ts';
import { loadRun } from './load-views.ts';
import type { RunView } from './views.ts';

/** Cancels what has not completed; what an agent holds ends when the agent has stopped. @throws DomainError `not_found` */
export async function cancelRun(deps: Deps, caller: Caller, id: string): Promise<RunView> {
  return change(deps, async (changes) => {
    mustSee(caller, await changes.tx.runs.find(id), 'run', id);
    const run = await endRun(changes, id, {
      conclusion: 'cancelled',
      reasonCode: 'cancelled_by_user',
      reason: 'Cancelled on request.',
    });
    return loadRun(changes.tx, run);
  });
}
