import { isStale, unneededRuns } from '../../domain/github/pull-request.ts';
import { hostOf } from '../hold.ts';
import { ignore, type Plan, repositoryOf } from './act.ts';
import { endRuns } from './end-runs.ts';

/**
 * A pull request was pushed to or closed: runs that it has no use for end. What it is now is read from GitHub, after the runs
 * were: so an event that comes late, twice or in another order ends nothing that is needed.
 */
export const endUnneededRuns: Plan<'pull_request'> = async (deps, host, event) => {
  const { repository: where, number } = event;
  const active = await deps.store.read((tx) => tx.runs.activeOf(where.id));
  const runs = active.filter((run) => hostOf(run) === host && run.github?.pull_request === number);
  if (runs.length === 0) return ignore(`No run of pull request #${number} is active.`);
  const repository = await repositoryOf(deps, host, event);
  const pull = await repository?.getPullRequest(number);
  if (!pull) return ignore(`Pull request #${number} cannot be seen.`);
  if (isStale(pull, event.updatedAt)) throw new Error(`GitHub tells of pull request #${number} as it was before.`);
  const endings = unneededRuns(pull, runs).map((each) => ({
    ...each,
    reasonCode: each.conclusion === 'superseded' ? ('superseded' as const) : ('cancelled_by_user' as const),
  }));
  return async (changes) => ((await endRuns(changes, endings)) ? null : 'Every active run is of its head.');
};
