import { describe, expect, test } from 'vitest';
import type { Store } from '../../../server/store/store.ts';
import { job, newId, noon } from '../../support/records.ts';

/** Jobs in the order they are taken, and found by what they belong to. */
export function queue(store: () => Store): void {
  describe('the heads of a group', () => {
    test('come by priority, then by when they were enqueued, then in order of insertion', async () => {
      const groupId = newId('group');
      const made = (name: string, priority: number, enqueuedAt: number) =>
        job({ groupId, testPath: name, priority, enqueuedAt });
      await store().transaction((tx) =>
        tx.jobs.insert([
          made('late', 5, noon + 2),
          made('twin 1', 5, noon),
          made('lowest, oldest', 0, 1),
          made('twin 2', 5, noon),
          made('highest, latest', 9, noon + 86_400_000 * 365),
          made('twin 3', 5, noon),
        ]),
      );
      const names = async (limit: number) =>
        (await store().read((tx) => tx.jobs.heads(groupId, limit, noon))).map(({ testPath }) => testPath);
      const all = ['highest, latest', 'twin 1', 'twin 2', 'twin 3', 'late', 'lowest, oldest'];
      expect(await names(10)).toEqual(all);
      expect(await names(2)).toEqual(all.slice(0, 2));
    });

    test('are its own waiting jobs only, and a requeued job has its old place', async () => {
      const groupId = newId('group');
      const [first, second, elsewhere] = [job({ groupId }), job({ groupId }), job({ groupId: newId('group') })];
      const heads = async () => (await store().read((tx) => tx.jobs.heads(groupId, 10, noon))).map(({ id }) => id);
      await store().transaction((tx) => tx.jobs.insert([first, elsewhere, second]));
      await store().transaction((tx) => tx.jobs.save({ ...first, status: 'assigned', version: 2 }, 1));
      expect(await heads()).toEqual([second.id]);
      await store().transaction((tx) => tx.jobs.save({ ...first, status: 'queued', version: 3 }, 2));
      expect(await heads()).toEqual([first.id, second.id]);
    });

    test('as many wait before a job as come before it among the heads', async () => {
      const groupId = newId('group');
      const jobs = [
        job({ groupId, priority: 1 }),
        job({ groupId, priority: 9, enqueuedAt: noon + 5 }),
        job({ groupId, priority: 9 }),
        job({ groupId, priority: 9, status: 'running' }),
        job({ groupId, priority: 1 }),
      ];
      await store().transaction((tx) => tx.jobs.insert([...jobs, job({ groupId: newId('group'), priority: 9 })]));
      const heads = await store().read((tx) => tx.jobs.heads(groupId, 10, noon));
      const ahead = await Promise.all(heads.map((head) => store().read((tx) => tx.jobs.countAhead(head, 4))));
      expect(ahead).toEqual([0, 1, 2, 3]);
    });
  });

  describe('jobs are found', () => {
    test('by run, in the order of the submission', async () => {
      const runId = newId('run');
      const jobs = [2, 0, 1].map((position) => job({ runId, position }));
      await store().transaction((tx) => tx.jobs.insert([...jobs, job()]));
      const found = await store().read((tx) => tx.jobs.ofRun(runId));
      expect(found.map(({ position }) => position)).toEqual([0, 1, 2]);
    });

    test('by run, those changed after a version, in the order of change', async () => {
      const runId = newId('run');
      const jobs = [5, 3, 4, 2].map((version) => job({ runId, version }));
      await store().transaction((tx) => tx.jobs.insert([...jobs, job({ version: 9 })]));
      const since = (version: number) => store().read((tx) => tx.jobs.ofRunSince(runId, version));
      expect((await since(2)).map(({ version }) => version)).toEqual([3, 4, 5]);
      expect(await since(5)).toEqual([]);
    });

    test('by the lease that holds them', async () => {
      const leaseId = newId('lease');
      const held = job({ status: 'assigned', leaseId });
      await store().transaction((tx) => tx.jobs.insert([held, job(), job({ leaseId: newId('lease') })]));
      expect((await store().read((tx) => tx.jobs.ofLease(leaseId))).map(({ id }) => id)).toEqual([held.id]);
    });

    test('as they were written, every field', async () => {
      const whole = job({
        status: 'completed',
        conclusion: 'timed_out',
        reason: 'took 601 s',
        reasonCode: 'job_timeout',
        cancelRequested: true,
        carriedFrom: 'job-0',
        startedAt: noon + 1,
        completedAt: noon + 2,
        leaseId: 'lease-9',
        attemptStartedAt: noon + 3,
        counts: { total: 5, passed: 4, failed: 3, flaky: 2, skipped: 1 },
      });
      await store().transaction((tx) => tx.jobs.insert([whole]));
      const found = await store().read((tx) => tx.jobs.find(whole.id));
      expect(found).toEqual({ ...whole, seq: expect.any(Number), rank: expect.any(Number) });
      expect(await store().read((tx) => tx.jobs.find('job-none'))).toBeUndefined();
    });
  });
}
