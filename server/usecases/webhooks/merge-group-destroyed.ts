import { hostOf } from '../hold.ts';
import type { Plan } from './act.ts';
import { endRuns } from './end-runs.ts';

/** A merge group is gone, merged or not: runs for it end. Its commit may be the branch's by now; runs of a push stay. */
export const cancelMergeGroup: Plan<'merge_group_destroyed'> = async (_, host, { repository, headSha }) => {
  return async (changes) => {
    const active = await changes.tx.runs.activeOf(repository.id);
    const runs = active.filter(
      (run) => hostOf(run) === host && run.headSha === headSha && run.github?.event === 'merge_group',
    );
    const ending = {
      conclusion: 'superseded',
      reasonCode: 'superseded',
      reason: 'Its merge group is no longer in the queue.',
    } as const;
    const some = await endRuns(
      changes,
      runs.map(({ id }) => ({ runId: id, ...ending })),
    );
    return some ? null : 'No run of that merge group is active.';
  };
};
