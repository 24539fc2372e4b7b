import { hostOf } from '../hold.ts';
import type { Plan } from './act.ts';
import { endRuns } from './end-runs.ts';

/** A workflow run was cancelled: so is what that very attempt of it submitted. */
export const cancelWithWorkflow: Plan<'workflow_cancelled'> = async (_, host, { repository, runId, runAttempt }) => {
  return async (changes) => {
    const active = await changes.tx.runs.activeOf(repository.id);
    const runs = active.filter(
      (run) => hostOf(run) === host && run.github?.run_id === runId && run.github.run_attempt === runAttempt,
    );
    const ending = {
      conclusion: 'cancelled',
      reasonCode: 'cancelled_by_user',
      reason: `Its workflow run ${runId} was cancelled on GitHub.`,
    } as const;
    const some = await endRuns(
      changes,
      runs.map(({ id }) => ({ runId: id, ...ending })),
    );
    return some ? null : `No run of attempt ${runAttempt} of workflow run ${runId} is active.`;
  };
};
