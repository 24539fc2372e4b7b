import { mustSee } from './authorise.ts';
import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { approve, hostOf } from './hold.ts';
import { loadRun } from './load-views.ts';
import type { RunView } from './views.ts';

/**
 * Lets the commit of a run that waits for a maintainer be tested: the way without a GitHub App, whose `/qgjob run` does the
 * same. Approving twice, or what needs no approval, is no error.
 * @throws DomainError `not_found`
 */
export async function approveRun(deps: Deps, caller: Caller, id: string): Promise<RunView> {
  return change(deps, async (changes) => {
    const run = mustSee(caller, await changes.tx.runs.find(id), 'run', id);
    if (run.awaitingApproval && run.repositoryId !== null && run.headSha !== null) {
      const commit = { host: hostOf(run), repositoryId: run.repositoryId, headSha: run.headSha };
      await approve(deps, changes, commit, caller.name);
    }
    return loadRun(changes.tx, await changes.run(id));
  });
}
