import type { Job, Run } from '../domain/model.ts';
import { failedAt } from '../domain/retry-place.ts';
import { type Budgets, counters, type Settlement } from '../domain/settle.ts';
import type { Changes } from './changes.ts';

/** A job that this many agents fell silent over is quarantined. */
const maxLosses = 3;

export function budgetsOf(run: Run): Budgets {
  const { testRetries, infraRetries, timeoutSeconds } = run;
  // each class on its own account, of the sizes that the run was given
  return {
    testRetries,
    timeoutRetries: testRetries,
    infraRetries,
    installRetries: infraRetries,
    timeoutSeconds,
    maxLosses,
  };
}

/** Does to a job what was decided: completes it, or puts it back in line at its old place, off its lease either way. */
export async function applySettlement(
  changes: Changes,
  job: Job,
  settlement: Settlement,
  options: {
    /** False where nothing was executed: the attempt's number is given out again. */
    attemptCounts: boolean;
    /** The device it was on. */
    place: string;
    counts?: Job['counts'];
  },
): Promise<Job> {
  const { spends } = settlement;
  const patch: Partial<Job> = {
    leaseId: null,
    attemptStartedAt: null,
    reason: settlement.reason,
    attempts: options.attemptCounts ? job.attempts : job.attempts - 1,
    ...(spends ? { [counters[spends.class]]: spends.spent, failedOn: failedAt(job.failedOn, options.place) } : {}),
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
