import type { Conclusion, ReasonCode } from '../../contract/words.ts';
import type { Job, Run } from '../domain/model.ts';
import type { Changes } from './changes.ts';

export interface Ending {
  conclusion: Conclusion;
  reasonCode: ReasonCode;
  reason: string;
}

/** Ends what waits at once, and asks agents to stop what they hold. What has completed stays as it is. */
export async function endRun(changes: Changes, runId: string, ending: Ending): Promise<Run> {
  const open = (await changes.tx.jobs.ofRun(runId)).filter((job) => job.status !== 'completed');
  await changes.lockGroups(open.map((job) => job.groupId));
  await changes.run(runId);
  for (const { id } of open) {
    // read again: before the locks were held, an agent may have taken it
    const job = await changes.tx.jobs.find(id);
    if (job) await endJob(changes, job, ending);
  }
  await changes.flush();
  return changes.run(runId);
}

/** Ends a run because another takes its place. */
export async function supersede(changes: Changes, runId: string, byRunId: string): Promise<Run> {
  return endRun(changes, runId, {
    conclusion: 'superseded',
    reasonCode: 'superseded',
    reason: `Superseded by run ${byRunId}.`,
  });
}

/** The same for one job, whose group is locked. */
export async function endJob(changes: Changes, job: Job, { conclusion, reasonCode, reason }: Ending): Promise<Job> {
  switch (job.status) {
    case 'completed':
      return job;
    case 'queued':
      return changes.move(job, 'cancelled', { conclusion, reasonCode, reason, completedAt: changes.now });
    case 'assigned':
    case 'running':
      return job.cancelRequested ? job : changes.touchJob(job, { cancelRequested: true, reasonCode, reason });
  }
}
