import type { Job, Run } from '../domain/model.ts';
import type { Changes } from './changes.ts';
import { supersede } from './end-run.ts';

/** What a run takes over from an earlier attempt of the same step of its workflow run. */
export interface Carried {
  /** The run of that attempt; null where there is none. */
  from: Run | null;
  /** Its jobs that need not be run again. */
  passed: Job[];
}

export const nothingCarried: Carried = { from: null, passed: [] };

/**
 * Of the newest run of an earlier attempt, the jobs that passed and whose tests are asked for again. Only those: whatever
 * else became of a job, and whatever is still open, is run again. If that run is still active it ends as superseded, for the
 * runner that waited for it is gone.
 */
export async function carryOver(changes: Changes, run: Run, tests: readonly string[]): Promise<Carried> {
  const { tx } = changes;
  const { rerunKey, workflowAttempt } = run;
  if (rerunKey === null || workflowAttempt === null) return nothingCarried;
  const from = await tx.runs.findEarlierAttempt(rerunKey, workflowAttempt);
  if (!from) return nothingCarried;
  if (from.status !== 'completed') await supersede(changes, from.id, run.id);
  // read after its run was locked: what passes from now on is too late, and is run again
  const jobs = await tx.jobs.ofRun(from.id);
  const asked = new Set(tests);
  return { from, passed: jobs.filter((job) => job.conclusion === 'passed' && asked.has(job.testPath)) };
}

/** What says of a run that it does again what another did. */
export function asRetryOf(run: Run | null): Partial<Pick<Run, 'attempt' | 'retryOf'>> {
  return run ? { attempt: run.attempt + 1, retryOf: run.id } : {};
}
