import { describe, expect, test } from 'vitest';
import type { Store } from '../../../server/store/store.ts';
import { apiKey, event, group, job, org, run } from '../../support/records.ts';

/** What a unit of work promises, whichever engine keeps it. */
export function atomicity(store: () => Store): void {
  describe('a unit of work', () => {
    test('leaves nothing behind when it fails', async () => {
      const [acme, aRun, aGroup] = [org(), run(), group()];
      const aJob = job({ runId: aRun.id, groupId: aGroup.id });
      const fault = new Error('the unit failed');
      const failed = store().transaction(async (tx) => {
        await tx.orgs.insert(acme);
        await tx.runs.insert(aRun);
        await tx.jobs.insert([aJob]);
        await tx.groups.enqueue(aGroup, { count: 1, workMs: 60_000, priority: 5, enqueuedAt: aJob.enqueuedAt });
        await tx.results.insertEvent(event({ runId: aRun.id }));
        expect(await tx.groups.find(aGroup.id)).toMatchObject({ queued: 1 });
        throw fault;
      });
      await expect(failed).rejects.toBe(fault);
      await store().read(async (tx) => {
        expect(await tx.orgs.find(acme.id)).toBeUndefined();
        expect(await tx.runs.find(aRun.id)).toBeUndefined();
        expect(await tx.jobs.find(aJob.id)).toBeUndefined();
        expect(await tx.groups.find(aGroup.id)).toBeUndefined();
        expect(await tx.results.eventsSince(aRun.id, 0, 10)).toEqual([]);
      });
    });

    test('that throws undoes only itself, while those beside it are kept', async () => {
      const orgs = Array.from({ length: 9 }, () => org());
      const outcomes = await Promise.allSettled(
        orgs.map((each, i) =>
          store().transaction(async (tx) => {
            await tx.orgs.insert(each);
            await tx.orgs.save({ ...each, name: 'renamed' });
            if (i % 3 === 1) throw new Error('this one fails');
            return each.id;
          }),
        ),
      );
      const kept = await Promise.all(orgs.map(({ id }) => store().read((tx) => tx.orgs.find(id))));
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(orgs.map((_, i) => i % 3 !== 1));
      expect(kept.map((found) => found?.name)).toEqual(orgs.map((_, i) => (i % 3 === 1 ? undefined : 'renamed')));
    });

    test('that a statement of its own refused undoes only itself', async () => {
      const [before, after, taken] = [apiKey(), apiKey(), apiKey()];
      await store().transaction((tx) => tx.accounts.insertKey(taken));
      const lost = apiKey();
      const outcomes = await Promise.allSettled([
        store().transaction((tx) => tx.accounts.insertKey(before)),
        store().transaction(async (tx) => {
          await tx.accounts.insertKey(lost);
          await tx.accounts.insertKey({ ...apiKey(), hash: taken.hash });
        }),
        store().transaction((tx) => tx.accounts.insertKey(after)),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const found = await Promise.all(
        [before, lost, after].map(({ hash }) => store().read((tx) => tx.accounts.findKeyByHash(hash))),
      );
      expect(found.map((key) => key !== undefined)).toEqual([true, false, true]);
    });

    test('that passes over an error of the database is either kept or refused, never acknowledged and lost', async () => {
      const [acme, taken] = [org(), apiKey()];
      await store().transaction((tx) => tx.accounts.insertKey(taken));
      const acknowledged = await store()
        .transaction(async (tx) => {
          await tx.orgs.insert(acme);
          await tx.accounts.insertKey({ ...apiKey(), hash: taken.hash }).catch(() => {});
        })
        .then(
          () => true,
          () => false,
        );
      const found = await store().read((tx) => tx.orgs.find(acme.id));
      expect(found !== undefined).toBe(acknowledged);
    });

    test('resolves with what its work resolved with', async () => {
      expect(await store().transaction(async () => 42)).toBe(42);
      expect(await store().transaction(async () => undefined)).toBeUndefined();
    });
  });

  describe('a read', () => {
    test('sees what is committed only, while a unit of work is under way', async () => {
      const acme = org();
      const find = () => store().read((tx) => tx.orgs.find(acme.id));
      let meanwhile: unknown = 'nothing read';
      await store().transaction(async (tx) => {
        await tx.orgs.insert(acme);
        expect(await tx.orgs.find(acme.id)).toEqual(acme);
        meanwhile = await find();
      });
      expect(meanwhile).toBeUndefined();
      expect(await find()).toEqual(acme);
    });

    test('never sees what is rolled back later', async () => {
      const acme = org({ name: 'before' });
      await store().transaction((tx) => tx.orgs.insert(acme));
      const find = () => store().read((tx) => tx.orgs.find(acme.id));
      const seen: unknown[] = [];
      const failed = store().transaction(async (tx) => {
        await tx.orgs.save({ ...acme, name: 'after' });
        seen.push(await find());
        throw new Error('rolled back');
      });
      await expect(failed).rejects.toThrow('rolled back');
      seen.push(await find());
      expect(seen).toEqual([acme, acme]);
    });

    test('cannot write, and the store goes on after it tried', async () => {
      const acme = org();
      await expect(store().read((tx) => tx.orgs.insert(acme))).rejects.toThrow();
      expect(await store().read((tx) => tx.orgs.find(acme.id))).toBeUndefined();
      expect(await store().transaction((tx) => tx.orgs.insert(acme))).toBe(true);
    });
  });

  test('a store that is well says so', async () => {
    await expect(store().check()).resolves.toBeUndefined();
  });
}
