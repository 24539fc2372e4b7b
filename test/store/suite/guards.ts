import { describe, expect, test } from 'vitest';
import type { Job, Run } from '../../../server/domain/model.ts';
import { Conflict, type Store } from '../../../server/store/store.ts';
import { group, job, lease, newId, noon, org, run } from '../../support/records.ts';

/** Writes that hold only while the record is as it was read. */
export function guards(store: () => Store): void {
  describe('a guarded save', () => {
    test('of a run that moved on is a Conflict and undoes its whole unit of work', async () => {
      const [aRun, acme] = [run({ version: 3 }), org()];
      await store().transaction((tx) => tx.runs.insert(aRun));
      const late = store().transaction(async (tx) => {
        await tx.orgs.insert(acme);
        await tx.runs.save({ ...aRun, version: 9, reason: 'late' }, 2);
      });
      await expect(late).rejects.toBeInstanceOf(Conflict);
      await store().read(async (tx) => {
        expect(await tx.runs.find(aRun.id)).toMatchObject(aRun);
        expect(await tx.orgs.find(acme.id)).toBeUndefined();
      });
    });

    test('of a job that moved on is a Conflict and undoes its whole unit of work', async () => {
      const [aJob, acme] = [job({ version: 3 }), org()];
      await store().transaction((tx) => tx.jobs.insert([aJob]));
      const late = store().transaction(async (tx) => {
        await tx.orgs.insert(acme);
        await tx.jobs.save({ ...aJob, version: 9, status: 'completed' }, 4);
      });
      await expect(late).rejects.toBeInstanceOf(Conflict);
      await store().read(async (tx) => {
        expect(await tx.jobs.find(aJob.id)).toMatchObject(aJob);
        expect(await tx.orgs.find(acme.id)).toBeUndefined();
      });
    });

    test('of a record that was never written is a Conflict', async () => {
      await expect(store().transaction((tx) => tx.runs.save(run(), 1))).rejects.toBeInstanceOf(Conflict);
      await expect(store().transaction((tx) => tx.jobs.save(job(), 1))).rejects.toBeInstanceOf(Conflict);
    });

    test('writes everything of a run that may change', async () => {
      const before = run({ dedupeKey: 'dedupe', supersedeKey: 'supersede' });
      const changes: Partial<Run> = {
        status: 'completed',
        conclusion: 'failed',
        reason: '2 of 3 jobs failed',
        version: 7,
        startedAt: noon + 1,
        completedAt: noon + 2,
        queueDeadlineAt: noon + 3,
        clientLeaseExpiresAt: noon + 4,
        supersedeKey: null,
        dedupeKey: null,
        jobsQueued: 10,
        jobsActive: 11,
        installsMade: 12,
        installsAvoided: 13,
        installMsSaved: 14,
        counts: { total: 5, passed: 4, failed: 3, flaky: 2, skipped: 1 },
      };
      await store().transaction(async (tx) => {
        await tx.runs.insert(before);
        await tx.runs.save({ ...before, ...changes }, 1);
      });
      expect(await store().read((tx) => tx.runs.find(before.id))).toMatchObject({ ...before, ...changes });
    });

    test('writes everything of a job that may change', async () => {
      const before = job({ leaseId: 'lease-1' });
      const changes: Partial<Job> = {
        status: 'completed',
        conclusion: 'infra_error',
        reason: 'lost three agents',
        reasonCode: 'quarantined',
        cancelRequested: true,
        version: 8,
        startedAt: noon + 1,
        completedAt: noon + 2,
        leaseId: null,
        attemptStartedAt: noon + 3,
        attempts: 4,
        testFailures: 5,
        infraFailures: 6,
        installFailures: 8,
        timeouts: 9,
        losses: 7,
        failedOn: ['["mac","pixel"]'],
        counts: { total: 5, passed: 4, failed: 3, flaky: 2, skipped: 1 },
      };
      await store().transaction(async (tx) => {
        await tx.jobs.insert([before]);
        await tx.jobs.save({ ...before, ...changes }, 1);
      });
      expect(await store().read((tx) => tx.jobs.find(before.id))).toMatchObject({ ...before, ...changes });
    });
  });

  describe('a dedupe key', () => {
    test('admits one active run, and the next once it is given up', async () => {
      const dedupeKey = newId('dedupe');
      const [first, second] = [run({ dedupeKey }), run({ dedupeKey })];
      expect(await store().transaction((tx) => tx.runs.insert(first))).toBe(true);
      expect(await store().transaction((tx) => tx.runs.insert(second))).toBe(false);
      await store().read(async (tx) => {
        expect(await tx.runs.find(second.id)).toBeUndefined();
        expect(await tx.runs.findByDedupeKey(dedupeKey)).toMatchObject({ id: first.id });
      });
      await store().transaction((tx) => tx.runs.save({ ...first, dedupeKey: null, version: 2 }, 1));
      expect(await store().read((tx) => tx.runs.findByDedupeKey(dedupeKey))).toBeUndefined();
      expect(await store().transaction((tx) => tx.runs.insert(second))).toBe(true);
    });

    test('admits one of many runs that are submitted at once', async () => {
      const dedupeKey = newId('dedupe');
      const inserted = await Promise.all(
        Array.from({ length: 8 }, () => store().transaction((tx) => tx.runs.insert(run({ dedupeKey })))),
      );
      expect(inserted.filter(Boolean)).toHaveLength(1);
    });

    test('left empty keeps nobody out', async () => {
      for (let i = 0; i < 2; i++) expect(await store().transaction((tx) => tx.runs.insert(run()))).toBe(true);
    });
  });

  test.each(['group', 'run', 'lease'] as const)(
    'units of work that lock one %s are done one after another',
    async (kind) => {
      const [acme, aGroup, aRun, aLease] = [org(), group(), run(), lease()];
      await store().transaction(async (tx) => {
        await tx.orgs.insert(acme);
        await tx.groups.enqueue(aGroup, { count: 1, workMs: 60_000, priority: 5, enqueuedAt: noon });
        await tx.runs.insert(aRun);
        await tx.leases.insert(aLease);
      });
      const addOne = () =>
        store().transaction(async (tx) => {
          if (kind === 'group') await tx.groups.lock(aGroup.id);
          else if (kind === 'run') await tx.runs.lock(aRun.id);
          else await tx.leases.lock(aLease.id);
          // neither guarded nor added up by the database: what is read may be stale but for the lock
          const found = await tx.orgs.find(acme.id);
          await tx.orgs.save({ ...acme, usageMs: (found?.usageMs ?? 0) + 1 });
        });
      await Promise.all(Array.from({ length: 30 }, addOne));
      expect(await store().read((tx) => tx.orgs.find(acme.id))).toMatchObject({ usageMs: 30 });
    },
  );
}
