import type { Group, Job } from '../../server/domain/model.ts';
import type { Store } from '../../server/store/store.ts';
import { group, job, newId } from '../support/records.ts';

export interface Outcome {
  /** The ids of the jobs that were claimed, as often as they were. */
  claimed: string[];
  jobs: Job[];
  groups: Group[];
}

/**
 * Eight workers claim the five jobs of each group at once, as agents do. Unguarded, a claim leaves the job's version as it is, so
 * that the version never keeps a second claim out.
 */
export async function race(
  store: Store,
  { groups: count, guarded }: { groups: number; guarded: boolean },
): Promise<Outcome> {
  const runId = newId('run');
  const groupIds = Array.from({ length: count }, () => newId('group'));
  await store.transaction(async (tx) => {
    for (const groupId of groupIds) {
      const jobs = Array.from({ length: 5 }, (_, i) => job({ groupId, runId, priority: i }));
      await tx.jobs.insert(jobs);
      for (const { priority, enqueuedAt } of jobs) {
        await tx.groups.enqueue(group({ id: groupId }), { count: 1, workMs: 60_000, priority, enqueuedAt });
      }
    }
  });

  const claim = (groupId: string): Promise<string[]> =>
    store.transaction(async (tx) => {
      await tx.groups.lock(groupId);
      const heads = await tx.jobs.heads(groupId, 2, 0);
      for (const head of heads) {
        const version = guarded ? head.version + 1 : head.version;
        await tx.jobs.save({ ...head, status: 'assigned', leaseId: 'lease', version }, head.version);
      }
      await tx.groups.move(groupId, {
        queued: -heads.length,
        active: heads.length,
        workMs: -heads.length * 60_000,
      });
      return heads.map(({ id }) => id);
    });
  const claimed: string[] = [];
  const work = async () => {
    for (const groupId of groupIds) {
      for (let took = await claim(groupId); took.length > 0; took = await claim(groupId)) claimed.push(...took);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));

  const jobs = await store.read((tx) => tx.jobs.ofRun(runId));
  const groups = await Promise.all(groupIds.map((id) => store.read((tx) => tx.groups.find(id))));
  return { claimed, jobs, groups: groups.filter((found) => found !== undefined) };
}
