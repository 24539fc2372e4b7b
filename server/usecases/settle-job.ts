import type { Job, Run } from '../domain/model.ts';
import type { Budgets, Settlement } from '../domain/settle.ts';
import type { Changes } from './changes.ts';

/** A job that this many agents fell silent over is quarantined. */
const maxLosses = 3;

export function budgetsOf(run: Run): Budgets {
  const { testRetries, infraRetries, timeoutSeconds } = run;
  return { testRetries, infraRetries, timeoutSeconds, maxLosses };
}

/** Does to a job what was decided: completes it, or puts it back in line at its old place, off its lease either way. */
export async function applySettlement(
  changes: Changes,
  job: Job,
  settlement: Settlement,
  options: {
    /** False where nothing was executed: the attempt's number is given out again. */
    attemptCounts: boolean;
    counts?: Job['counts'];
  },
): Promise<Job> {
  const { spends } = settlement;
  const patch: Partial<Job> = {
    leaseId: null,
    attemptStartedAt: null,
    reason: settlement.reason,
    attempts: options.attemptCounts ? job.attempts : job.attempts - 1,
    testFailures: job.testFailures + Number(spends === 'test'),
    infraFailures: job.infraFailures + Number(spends === 'infra'),
    losses: job.losses + Number(spends === 'loss'),
    ...(options.counts ? { counts: options.counts } : {}),
  };
  if (settlement.kind === 'requeued') return changes.move(job, 'requeued', { ...patch, reasonCode: null });
  return changes.move(job, job.cancelRequested ? 'cancelled' : 'finished', {
    ...patch,
    conclusion: settlement.conclusion,
    reasonCode: settlement.reasonCode,
    completedAt: changes.now,
    startedAt: job.startedAt ?? (options.attemptCounts ? changes.now : null),
  });
}
