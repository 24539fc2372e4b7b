import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Group, Job } from '../../../server/domain/model.ts';
import type { Store } from '../../../server/store/store.ts';
import { group, job, newId, noon } from '../../support/records.ts';

type Step =
  | { does: 'enqueue'; count: number; priority: number; enqueuedAt: number }
  | { does: 'take'; limit: number }
  | { does: 'requeue' | 'complete' | 'cancel'; nth: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant('enqueue' as const),
    count: fc.integer({ min: 1, max: 3 }),
    priority: fc.integer({ min: 0, max: 9 }),
    enqueuedAt: fc.integer({ min: noon, max: noon + 3 }),
  }),
  fc.record({ does: fc.constant('take' as const), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ does: fc.constantFrom('requeue' as const, 'complete' as const, 'cancel' as const), nth: fc.nat(9) }),
);

/** Counters that are kept beside the jobs they count. */
export function groups(store: () => Store): void {
  describe('the counters of a group', () => {
    test('equal a recount of its jobs after any sequence of steps', { timeout: 120_000 }, async () => {
      const steps = fc.array(step, { minLength: 1, maxLength: 25 });
      const property = fc.asyncProperty(steps, async (all) => {
        const [id, runId] = [newId('group'), newId('run')];
        for (const each of all) {
          await perform(store(), id, runId, each);
          const { found, jobs, heads } = await store().read(async (tx) => ({
            found: await tx.groups.find(id),
            jobs: await tx.jobs.ofRun(runId),
            heads: await tx.jobs.heads(id, 1000, noon),
          }));
          const queue = jobs.filter(({ status }) => status === 'queued').sort(byTurn);
          expect(heads.map((head) => head.id)).toEqual(queue.map((waiting) => waiting.id));
          if (found) expect(countersOf(found)).toEqual(recount(jobs, queue[0]));
          else expect(jobs).toEqual([]);
        }
      });
      await fc.assert(property, { numRuns: 25 });
    });

    test('are not touched by a unit of work that fails', async () => {
      const aGroup = group();
      await store().transaction((tx) =>
        tx.groups.enqueue(aGroup, { count: 2, workMs: 2 * 60_000, priority: 1, enqueuedAt: noon }),
      );
      const failed = store().transaction(async (tx) => {
        await tx.groups.lock(aGroup.id);
        await tx.groups.enqueue(aGroup, { count: 1, workMs: 60_000, priority: 9, enqueuedAt: noon });
        await tx.groups.move(aGroup.id, { queued: -2, active: 2, workMs: -2 * 60_000 });
        throw new Error('after the counters');
      });
      await expect(failed).rejects.toThrow('after the counters');
      const found = await store().read((tx) => tx.groups.find(aGroup.id));
      expect(found).toEqual({
        ...aGroup,
        queued: 2,
        active: 0,
        workMs: 2 * 60_000,
        installMs: null,
        headPriority: 1,
        headEnqueuedAt: noon,
      });
    });
  });

  test('an install of a group takes what its version’s did on such devices, before the first what the organisation’s others did', async () => {
    const [ours, theirs] = [newId('org'), newId('org')];
    const aGroup = group({ orgId: ours });
    const installMs = () => store().read(async (tx) => (await tx.groups.find(aGroup.id))?.installMs);
    const learn = (appVersionId: string | null, medianMs: number, over: { orgId?: string; target?: 'device' } = {}) =>
      store().transaction((tx) =>
        tx.installTimes.save({ orgId: ours, target: aGroup.target, appVersionId, medianMs, seen: 1, ...over }),
      );
    await store().transaction((tx) =>
      tx.groups.enqueue(aGroup, { count: 1, workMs: 60_000, priority: 5, enqueuedAt: noon }),
    );
    await learn(null, 1, { orgId: theirs });
    await learn(aGroup.appVersionId, 2, { target: 'device' });
    await learn('another version', 3);
    expect(await installMs()).toBeNull();
    await learn(null, 20_000);
    expect(await installMs()).toBe(20_000);
    await learn(aGroup.appVersionId, 30_000);
    await learn(aGroup.appVersionId, 31_000);
    expect(await installMs()).toBe(31_000);
    const kind = { orgId: ours, appVersionId: aGroup.appVersionId, target: aGroup.target };
    expect(await store().read((tx) => tx.installTimes.find(kind))).toEqual({ medianMs: 31_000, seen: 1 });
  });

  test('groups with waiting jobs are found by target and organisation', async () => {
    const [ours, theirs] = [newId('org'), newId('org')];
    const waiting = group({ orgId: ours, target: 'device', devices: [{ platform: 'ios', labels: ['"\u0000'] }] });
    const others = {
      drained: group({ orgId: ours, target: 'device' }),
      elsewhere: group({ orgId: theirs, target: 'device' }),
      otherTarget: group({ orgId: ours, target: 'emulator' }),
    };
    await store().transaction(async (tx) => {
      for (const each of [waiting, ...Object.values(others)]) {
        await tx.groups.enqueue(each, { count: 1, workMs: 60_000, priority: 3, enqueuedAt: noon });
      }
      await tx.groups.move(others.drained.id, { queued: -1, active: 1, workMs: -60_000 });
    });
    await store().read(async (tx) => {
      expect(await tx.groups.waiting('device', ours)).toEqual([
        { ...waiting, queued: 1, active: 0, workMs: 60_000, installMs: null, headPriority: 3, headEnqueuedAt: noon },
      ]);
      const ids = (await tx.groups.waiting('device', null)).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([waiting.id, others.elsewhere.id]));
      expect(ids).not.toContain(others.drained.id);
      expect(ids).not.toContain(others.otherTarget.id);
    });
  });

  test('totals add up the groups of one organisation or of all, and know the oldest that waits', async () => {
    const [ours, theirs] = [newId('org'), newId('org')];
    const [one, two, drained] = [group({ orgId: ours }), group({ orgId: ours }), group({ orgId: ours })];
    const before = await store().read((tx) => tx.groups.totals(null));
    await store().transaction(async (tx) => {
      await tx.groups.enqueue(one, { count: 3, workMs: 3 * 60_000, priority: 9, enqueuedAt: noon - 10 });
      await tx.groups.enqueue(two, { count: 2, workMs: 2 * 60_000, priority: 0, enqueuedAt: noon - 20 });
      await tx.groups.enqueue(drained, { count: 4, workMs: 4 * 60_000, priority: 9, enqueuedAt: noon - 30 });
      await tx.groups.move(drained.id, { queued: -4, active: 4, workMs: -4 * 60_000 });
      await tx.groups.move(one.id, { queued: 0, active: 1, workMs: 0 });
      await tx.groups.enqueue(group({ orgId: theirs }), {
        count: 1,
        workMs: 60_000,
        priority: 5,
        enqueuedAt: noon - 40,
      });
    });
    await store().read(async (tx) => {
      // moving jobs that were never written leaves no head: only groups that were not moved have one here
      expect(await tx.groups.totals(ours)).toEqual({ queued: 5, active: 5, oldestEnqueuedAt: noon - 20 });
      expect(await tx.groups.totals(theirs)).toEqual({ queued: 1, active: 0, oldestEnqueuedAt: noon - 40 });
      expect(await tx.groups.totals(null)).toMatchObject({ queued: before.queued + 6, active: before.active + 5 });
      expect(await tx.groups.totals(newId('org'))).toEqual({ queued: 0, active: 0, oldestEnqueuedAt: null });
    });
  });
}

/** One step as the use-cases do it: the jobs first, then the counters, in one unit of work. */
function perform(store: Store, groupId: string, runId: string, todo: Step): Promise<void> {
  return store.transaction(async (tx) => {
    if (todo.does === 'enqueue') {
      const { count, priority, enqueuedAt } = todo;
      await tx.jobs.insert(Array.from({ length: count }, () => job({ groupId, runId, priority, enqueuedAt })));
      await tx.groups.enqueue(group({ id: groupId }), { count, workMs: count * 60_000, priority, enqueuedAt });
      return;
    }
    if (!(await tx.groups.lock(groupId))) return;
    const rewrite = (from: Job, status: Job['status']) =>
      tx.jobs.save({ ...from, status, version: from.version + 1 }, from.version);
    if (todo.does === 'take') {
      const heads = await tx.jobs.heads(groupId, todo.limit, noon);
      for (const head of heads) await rewrite(head, 'assigned');
      await tx.groups.move(groupId, {
        queued: -heads.length,
        active: heads.length,
        workMs: -heads.length * 60_000,
      });
      return;
    }
    const wanted = todo.does === 'cancel' ? 'queued' : 'assigned';
    const candidates = (await tx.jobs.ofRun(runId)).filter(({ status }) => status === wanted);
    const chosen = candidates[todo.nth % Math.max(candidates.length, 1)];
    if (!chosen) return;
    await rewrite(chosen, todo.does === 'requeue' ? 'queued' : 'completed');
    const queued = todo.does === 'requeue' ? 1 : todo.does === 'cancel' ? -1 : 0;
    await tx.groups.move(groupId, {
      queued,
      workMs: queued * 60_000,
      active: todo.does === 'cancel' ? 0 : -1,
    });
  });
}

const byTurn = (a: Job & { seq?: number }, b: Job & { seq?: number }): number =>
  b.priority - a.priority || a.enqueuedAt - b.enqueuedAt || (a.seq ?? 0) - (b.seq ?? 0);

function recount(jobs: Job[], head: Job | undefined) {
  const having = (status: Job['status']) => jobs.filter((each) => each.status === status).length;
  const workMs = jobs.filter(({ status }) => status === 'queued').reduce((sum, each) => sum + each.estimateMs, 0);
  const counts = { queued: having('queued'), active: having('assigned'), workMs };
  return head ? { ...counts, headPriority: head.priority, headEnqueuedAt: head.enqueuedAt } : counts;
}

function countersOf({ queued, active, workMs, headPriority, headEnqueuedAt }: Group) {
  return queued > 0 ? { queued, active, workMs, headPriority, headEnqueuedAt } : { queued, active, workMs };
}
