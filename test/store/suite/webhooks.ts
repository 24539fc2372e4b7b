import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../server/domain/github/delivery.ts';
import type { Quarantine } from '../../../server/domain/quarantine.ts';
import type { Store } from '../../../server/store/store.ts';
import { job, newId, noon, run } from '../../support/records.ts';

function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    host: 'github.com',
    guid: newId('guid'),
    event: 'pull_request',
    action: 'closed',
    installationId: 2 ** 40,
    payload: {
      kind: 'pull_request',
      repository: { id: 2 ** 41, fullName: 'acme/shop' },
      installationId: 2 ** 40,
      number: 7,
      updatedAt: noon,
    },
    status: 'pending',
    attempts: 0,
    nextAttemptAt: noon,
    receivedAt: noon,
    processedAt: null,
    note: null,
    ...over,
  };
}

function quarantine(over: Partial<Quarantine> = {}): Quarantine {
  return {
    id: newId('qtn'),
    orgId: 'acme',
    repositoryId: 1,
    testPath: 'tests/a.spec.ts',
    titlePath: ['cart', '\u0000 "adds" 🛒'],
    until: noon + 10,
    by: 'ada',
    fromRunId: 'run-1',
    createdAt: noon,
    ...over,
  };
}

/** What webhooks leave behind. */
export function webhooks(store: () => Store): void {
  const insert = (one: Delivery) => store().transaction((tx) => tx.deliveries.insert(one));
  const find = ({ host, guid }: Delivery) => store().read((tx) => tx.deliveries.find(host, guid));

  describe('a delivery', () => {
    test('is stored once for a GUID of a host, whatever comes again', async () => {
      const one = delivery();
      expect([await insert(one), await insert({ ...one, action: 'opened' })]).toEqual([true, false]);
      expect(await find(one)).toEqual(one);
      expect(await insert({ ...one, host: 'github.acme.example' })).toBe(true);
    });

    test('that many bring at the same moment is stored by one of them', async () => {
      const one = delivery();
      const stored = await Promise.all(Array.from({ length: 8 }, () => insert(one)));
      expect(stored.filter((each) => each)).toHaveLength(1);
    });

    test('is due when it is pending and its time has come, the longest due first', async () => {
      const [late, early] = [delivery({ nextAttemptAt: noon + 2 }), delivery({ nextAttemptAt: noon + 1 })];
      const others = [delivery({ nextAttemptAt: noon + 3 }), delivery({ status: 'done', processedAt: noon })];
      for (const each of [late, early, ...others]) await insert(each);
      const due = (limit: number) => store().read((tx) => tx.deliveries.due(noon + 2, limit));
      expect(await due(10)).toEqual([early, late]);
      expect(await due(1)).toEqual([early]);
    });

    test('is counted while it is pending or failed', async () => {
      for (const status of ['pending', 'pending', 'failed', 'done', 'ignored'] as const)
        await insert(delivery({ status, processedAt: status === 'pending' ? null : noon }));
      expect(await store().read((tx) => tx.deliveries.totals())).toEqual({ pending: 2, failed: 1 });
    });

    test('is known by its GUID on its host', async () => {
      const [one, other] = [delivery(), delivery({ host: 'github.acme.example' })];
      for (const each of [one, other]) await insert(each);
      const known = await store().read((tx) => tx.deliveries.known('github.com', [one.guid, other.guid, 'never']));
      expect([...known]).toEqual([one.guid]);
      expect(await store().read((tx) => tx.deliveries.known('github.com', []))).toEqual(new Set());
    });

    test('is forgotten some time after it ended, so many at a time, and never while it is pending', async () => {
      const ended = Array.from({ length: 3 }, () => delivery({ status: 'done', processedAt: noon + 5 }));
      const kept = [delivery({ status: 'done', processedAt: noon + 6 }), delivery({ receivedAt: 0, nextAttemptAt: 0 })];
      for (const each of [...ended, ...kept]) await insert(each);
      const left = async () => (await Promise.all(ended.map(find))).filter((each) => each).length;
      await store().transaction((tx) => tx.deliveries.forgetEnded(noon + 5, 2));
      expect(await left()).toBe(1);
      await store().transaction((tx) => tx.deliveries.forgetEnded(noon + 5, 2));
      expect(await left()).toBe(0);
      expect(await Promise.all(kept.map(find))).toEqual(kept);
    });

    test('that is saved is what was saved', async () => {
      const one = delivery();
      await insert(one);
      const done: Delivery = { ...one, status: 'done', attempts: 2, processedAt: noon + 1, note: 'x', payload: null };
      await store().transaction(async (tx) => {
        expect(await tx.deliveries.lock(one.host, one.guid)).toEqual(one);
        await tx.deliveries.save(done);
      });
      expect(await find(one)).toEqual(done);
    });
  });

  describe('an approval', () => {
    const lockThen = (sha: string, by: string | null) =>
      store().transaction(async (tx) => {
        const found = await tx.approvals.lock('github.com', 1, sha);
        if (by !== null) await tx.approvals.save({ ...found, approvedBy: by, approvedAt: noon });
        return found.approvedBy;
      });

    test('is of one commit', async () => {
      const [sha, other] = [newId('sha'), newId('sha')];
      expect(await lockThen(sha, 'ada')).toBeNull();
      expect([await lockThen(sha, null), await lockThen(other, null)]).toEqual(['ada', null]);
    });

    test('that is being given is waited for, though there was none before', async () => {
      for (let round = 0; round < 10; round++) {
        const sha = newId('sha');
        const seen = await Promise.all(Array.from({ length: 6 }, (_, each) => lockThen(sha, `maintainer ${each}`)));
        // one came first, and each of the others saw who came before it
        expect(seen.filter((by) => by === null)).toHaveLength(1);
        expect(new Set(seen).size).toBe(6);
      }
    });
  });

  describe('a quarantine', () => {
    test('lasts until its instant, is put once for an id, and is listed by repository or by organisation', async () => {
      const orgId = newId('org');
      const [one, two] = [quarantine({ orgId }), quarantine({ orgId, repositoryId: 2, until: noon + 20 })];
      await store().transaction(async (tx) => {
        for (const each of [one, two, quarantine(), { ...one, until: noon + 15, by: 'bob' }])
          await tx.quarantines.put(each);
      });
      const active = (repositoryId: number | null, now: number) =>
        store().read((tx) => tx.quarantines.active(orgId, repositoryId, now));
      const renewed = { ...one, until: noon + 15, by: 'bob' };
      expect(await active(1, noon)).toEqual([renewed]);
      expect(await active(null, noon)).toEqual([renewed, two]);
      expect(await active(null, noon + 15)).toEqual([two]);
    });

    test('is deleted by its own organisation, and forgotten when it is over', async () => {
      const orgId = newId('org');
      const [one, two] = [quarantine({ orgId }), quarantine({ orgId, until: noon + 20 })];
      const remove = (org: string) => store().transaction((tx) => tx.quarantines.delete(org, two.id));
      await store().transaction(async (tx) => {
        for (const each of [one, two]) await tx.quarantines.put(each);
        await tx.quarantines.forgetOver(noon + 10, 100);
      });
      expect(await store().read((tx) => tx.quarantines.active(orgId, null, 0))).toEqual([two]);
      expect([await remove('other'), await remove(orgId), await remove(orgId)]).toEqual([false, true, false]);
    });
  });

  describe('an installation', () => {
    test('is as it was put last, and a repository of it is removed until it is back', async () => {
      const one = { host: 'github.com', id: 2 ** 40, account: 'acme', state: 'active', changedAt: noon } as const;
      const repositoryId = 2 ** 41;
      const isRemoved = () => store().read((tx) => tx.installations.isRemoved('github.com', repositoryId));
      await store().transaction(async (tx) => {
        await tx.installations.put(one);
        await tx.installations.put({ ...one, state: 'suspended', changedAt: noon + 1 });
        await tx.installations.markRepository('github.com', repositoryId, noon);
        await tx.installations.markRepository('github.com', repositoryId, noon + 1);
      });
      const found = await store().read((tx) => tx.installations.find('github.com', one.id));
      expect(found).toEqual({ ...one, state: 'suspended', changedAt: noon + 1 });
      expect(await isRemoved()).toBe(true);
      await store().transaction((tx) => tx.installations.markRepository('github.com', repositoryId, null));
      expect(await isRemoved()).toBe(false);
    });
  });

  describe('runs are found', () => {
    test('by commit and repository, newest first', async () => {
      const [headSha, repositoryId] = [newId('sha'), 2 ** 42];
      const [old, young] = [run({ headSha, repositoryId }), run({ headSha, repositoryId })];
      await store().transaction(async (tx) => {
        for (const each of [old, young, run({ headSha, repositoryId: 5 }), run({ repositoryId })])
          await tx.runs.insert(each);
      });
      const ids = async (limit: number) =>
        (await store().read((tx) => tx.runs.ofCommit(repositoryId, headSha, limit))).map(({ id }) => id);
      expect([await ids(10), await ids(1)]).toEqual([[young.id, old.id], [young.id]]);
    });

    test('by repository while they are active', async () => {
      const repositoryId = 2 ** 43;
      const [one, two] = [run({ repositoryId }), run({ repositoryId, status: 'running' })];
      await store().transaction(async (tx) => {
        for (const each of [one, two, run({ repositoryId, status: 'completed' }), run()]) await tx.runs.insert(each);
      });
      const found = await store().read((tx) => tx.runs.activeOf(repositoryId));
      expect(found.map(({ id }) => id)).toEqual([one.id, two.id]);
    });

    test('by what they tested, if they passed', async () => {
      const contentKey = newId('content');
      const passed = (over = {}) => run({ contentKey, status: 'completed', conclusion: 'passed', ...over });
      const [one, two] = [passed(), passed()];
      await store().transaction(async (tx) => {
        for (const each of [
          one,
          two,
          passed({ conclusion: 'failed' }),
          run({ contentKey }),
          passed({ contentKey: null }),
        ])
          await tx.runs.insert(each);
      });
      const found = await store().read((tx) => tx.runs.passedWith(contentKey, 10));
      expect(found.map(({ id }) => id)).toEqual([two.id, one.id]);
    });
  });

  test('waiting jobs of a run are put into another group, those that have completed stay', async () => {
    const runId = newId('run');
    const [waiting, done] = [job({ runId, groupId: 'held' }), job({ runId, groupId: 'held', status: 'completed' })];
    await store().transaction(async (tx) => {
      await tx.jobs.insert([waiting, done]);
      await tx.jobs.regroup(runId, 'group', 7);
    });
    const found = await store().read((tx) => tx.jobs.ofRun(runId));
    const told = found.map(({ id, groupId, version }) => [id, groupId, version]);
    expect(told.sort()).toEqual([
      [waiting.id, 'group', 7],
      [done.id, 'held', 1],
    ]);
  });
}
