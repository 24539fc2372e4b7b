import type { Changes } from '../changes.ts';
import { type Ending, endRun } from '../end-run.ts';

/** Ends several runs, locking what they need in the order that everyone locks in. @returns whether there was any */
export async function endRuns(changes: Changes, endings: readonly ({ runId: string } & Ending)[]): Promise<boolean> {
  const groups = new Set<string>();
  for (const { runId } of endings) for (const job of await changes.tx.jobs.ofRun(runId)) groups.add(job.groupId);
  await changes.lockGroups(groups);
  for (const { runId, ...ending } of endings.toSorted((a, b) => (a.runId < b.runId ? -1 : 1))) {
    await endRun(changes, runId, ending);
  }
  return endings.length > 0;
}
