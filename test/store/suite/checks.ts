import { describe, expect, test } from 'vitest';
import { type CheckRun, urgencies } from '../../../server/domain/check/run.ts';
import type { Store } from '../../../server/store/store.ts';
import { checkRun, newId, noon } from '../../support/records.ts';

/** The outbox to GitHub. */
export function checks(store: () => Store): void {
  const { final, state, progress } = urgencies;
  const insert = (check: CheckRun) => store().transaction((tx) => tx.checks.insert(check));
  const find = (runId: string) => store().read((tx) => tx.checks.find(runId));
  const want = (runId: string, urgency: CheckRun['urgency'], now: number) =>
    store().transaction((tx) => tx.checks.want(runId, urgency, now));
  const save = (check: CheckRun) => store().transaction((tx) => tx.checks.save(check));
  const head = (lane: CheckRun, now: number) => store().read((tx) => tx.checks.head(lane, now));
  const owners = async (host: string, now: number, limit = 10) =>
    (await store().read((tx) => tx.checks.dueLanes(host, now, limit))).map(({ owner }) => owner);
  const lease = (lane: CheckRun, token: string, now: number, expiresAt = now + 100) =>
    store().transaction((tx) => tx.checks.lease(lane, { token, expiresAt }, now));
  const told = (over: Partial<CheckRun> = {}) => checkRun({ dueAt: null, takenAt: noon, ...over });

  describe('a check run', () => {
    test('is found as it was written, and as it was saved', async () => {
      const check = checkRun({ repositoryId: 2 ** 40 });
      await insert(check);
      expect(await find(check.runId)).toEqual(check);
      const saved: CheckRun = {
        ...check,
        remoteId: 2 ** 45,
        remoteCompleted: true,
        state: 'failed',
        urgency: final,
        dueAt: null,
        notBefore: noon + 1,
        attempts: 2,
        generation: 3,
        uncertain: true,
        takenAt: noon + 4,
        publishedHash: 'hash',
        annotationsSent: 50,
        lastError: 'why',
      };
      await save(saved);
      expect(await find(check.runId)).toEqual(saved);
      expect(await store().transaction((tx) => tx.checks.lock(check.runId))).toEqual(saved);
    });

    test('that changes is due at once, and the most urgent of its changes holds', async () => {
      const check = told();
      await insert(check);
      await want(check.runId, state, noon + 5);
      await want(check.runId, final, noon + 6);
      await want(check.runId, state, noon + 7);
      expect(await find(check.runId)).toEqual({ ...check, urgency: final, dueAt: noon + 5, generation: 4 });
    });

    test('whose progress changes is due ten seconds after it was last written', async () => {
      const [check, fresh] = [told(), told({ takenAt: null })];
      await insert(check);
      await insert(fresh);
      await want(check.runId, progress, noon + 5);
      await want(check.runId, progress, noon + 6);
      await want(fresh.runId, progress, noon + 5);
      expect(await find(check.runId)).toMatchObject({ urgency: progress, dueAt: noon + 10_000, generation: 3 });
      expect(await find(fresh.runId)).toMatchObject({ dueAt: noon + 5 });
      await want(check.runId, final, noon + 7);
      await want(check.runId, progress, noon + 8);
      expect(await find(check.runId)).toMatchObject({ urgency: final, dueAt: noon + 7 });
    });

    test.each(['unpostable', 'failed'] as const)('that is %s is due for more than progress alone', async (how) => {
      const check = told({ state: how });
      await insert(check);
      await want(check.runId, progress, noon + 5);
      expect(await find(check.runId)).toEqual(check);
      await want(check.runId, state, noon + 5);
      expect(await find(check.runId)).toMatchObject({ state: 'open', dueAt: noon + 5 });
    });

    test('that could not be posted is due when it can be, unless it is old or of another account', async () => {
      const owner = newId('owner');
      const blocked = told({ owner, state: 'unpostable', notBefore: noon + 99 });
      const old = told({ owner, state: 'unpostable', createdAt: noon - 1 });
      const [failed, others] = [told({ owner, state: 'failed' }), told({ owner: newId('owner'), state: 'unpostable' })];
      for (const each of [blocked, old, failed, others]) await insert(each);
      await store().transaction((tx) => tx.checks.resume(blocked, noon, noon + 5));
      expect(await find(blocked.runId)).toMatchObject({ state: 'open', dueAt: noon + 5, notBefore: 0 });
      expect(await Promise.all([old, failed, others].map(({ runId }) => find(runId)))).toEqual([old, failed, others]);
    });

    test('that nobody knows is no failure to want', async () => {
      await want(newId('run'), final, noon);
    });
  });

  describe('a lane', () => {
    test('tells the most urgent first, of those the longest due, and none before its time', async () => {
      const owner = newId('owner');
      const make = (urgency: CheckRun['urgency'], dueAt: number, notBefore = 0) =>
        checkRun({ owner, urgency, dueAt, notBefore });
      const [slow, young, old] = [make(progress, noon), make(state, noon + 2), make(state, noon + 1)];
      const [paused, later] = [make(final, noon, noon + 10), make(final, noon + 10)];
      for (const each of [slow, young, old, paused, later]) await insert(each);
      const order = [];
      for (let next = await head(slow, noon + 5); next; next = await head(slow, noon + 5)) {
        order.push(next.runId);
        await save({ ...next, dueAt: null });
      }
      expect(order).toEqual([old, young, slow].map(({ runId }) => runId));
      expect(await head(slow, noon + 10)).toEqual(paused);
    });

    test('knows the oldest of a name on a commit that GitHub has not, of those to be told', async () => {
      const headSha = newId('sha');
      const make = (over: Partial<CheckRun>) => checkRun({ headSha, ...over });
      const young = make({ createdAt: noon + 3 });
      const old = make({ createdAt: noon + 2, notBefore: noon + 99 });
      const others = [
        make({ remoteId: 1 }),
        make({ dueAt: null }),
        make({ name: 'other' }),
        make({ host: 'ghes.test' }),
        make({ repositoryId: 78 }),
        checkRun({ headSha: newId('sha') }),
      ];
      for (const each of [young, ...others, old]) await insert(each);
      const firstUnmade = () => store().read((tx) => tx.checks.firstUnmade(young));
      expect(await firstUnmade()).toEqual(old);
      await save({ ...old, remoteId: 2 });
      expect(await firstUnmade()).toEqual(young);
      await save({ ...young, remoteId: 3 });
      expect(await firstUnmade()).toBeUndefined();
    });

    test('is due while it has something to tell, is free and has paused long enough', async () => {
      const host = newId('host');
      const check = checkRun({ host, dueAt: noon });
      await insert(check);
      await insert(checkRun({ host, dueAt: noon + 50 }));
      expect([await owners(host, noon - 1), await owners(host, noon), await owners(newId('host'), noon)]).toEqual([
        [],
        [check.owner],
        [],
      ]);
      const taken = await lease(check, 'mine', noon);
      expect(await owners(host, noon + 10)).toEqual([]);
      if (!taken) return expect.unreachable();
      const back = { ...taken, notBefore: noon + 30, failures: 2, installationId: 2 ** 33 };
      expect(await store().transaction((tx) => tx.checks.release(back, 'mine'))).toBe(true);
      expect([await owners(host, noon + 29), await owners(host, noon + 30)]).toEqual([[], [check.owner]]);
      expect(await store().read((tx) => tx.checks.dueLanes(host, noon + 30, 1))).toEqual([
        { ...back, leaseToken: null, leaseExpiresAt: null },
      ]);
    });

    test('that waited longest comes first, and so many at most', async () => {
      const host = newId('host');
      const made = [3, 1, 2].map((notBefore) => ({ check: checkRun({ host, dueAt: noon }), notBefore }));
      for (const { check, notBefore } of made) {
        await insert(check);
        const taken = await lease(check, 'mine', noon);
        if (taken) await store().transaction((tx) => tx.checks.release({ ...taken, notBefore }, 'mine'));
      }
      expect(await owners(host, noon, 2)).toEqual([made[1], made[2]].map((each) => each?.check.owner));
    });

    test('that many want at once is leased to one of them, and to another when that lease has run out', async () => {
      const check = checkRun();
      await insert(check);
      for (let now = noon; now < noon + 1_000; now += 100) {
        const all = await Promise.all(Array.from({ length: 6 }, (_, i) => lease(check, `token ${i}`, now)));
        expect(all.filter(Boolean)).toHaveLength(1);
      }
    });

    test('whose lease was lost stays as it is', async () => {
      const check = checkRun();
      await insert(check);
      const mine = await lease(check, 'mine', noon);
      const other = await lease(check, 'other', noon + 100);
      if (!mine || !other) return expect.unreachable();
      expect(await store().transaction((tx) => tx.checks.release({ ...mine, notBefore: noon + 999 }, 'mine'))).toBe(
        false,
      );
      expect(await store().transaction((tx) => tx.checks.release(other, 'other'))).toBe(true);
      expect(await lease(check, 'next', noon + 101)).toMatchObject({ notBefore: 0 });
    });
  });
}
