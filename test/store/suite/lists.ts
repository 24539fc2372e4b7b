import { describe, expect, test } from 'vitest';
import type { Run } from '../../../server/domain/model.ts';
import type { ListFilter, Store } from '../../../server/store/store.ts';
import { job, newId, noon, run } from '../../support/records.ts';

/** Pages of runs and of jobs, and runs found by their keys and deadlines. */
export function lists(store: () => Store): void {
  const all: ListFilter = { orgId: null, before: null, limit: 100 };

  test('runs are listed newest first, page by page, with none twice and none missed', async () => {
    const orgId = newId('org');
    // the order of creation counts, not the instants, which may be the same or go back
    const runs = Array.from({ length: 7 }, (_, i) => run({ orgId, createdAt: noon - i }));
    for (const each of runs) await store().transaction((tx) => tx.runs.insert(each));
    await store().transaction((tx) => tx.runs.insert(run({ orgId: newId('org') })));
    const pages: string[][] = [];
    let before: number | null = null;
    for (let i = 0; i < 4; i++) {
      const page = await store().read((tx) => tx.runs.list({ orgId, before, limit: 3 }));
      pages.push(page.map(({ id }) => id));
      before = page.at(-1)?.seq ?? before;
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1, 0]);
    expect(pages.flat()).toEqual(runs.map(({ id }) => id).reverse());
  });

  test('jobs are listed newest first, page by page', async () => {
    const orgId = newId('org');
    const jobs = Array.from({ length: 5 }, () => job({ orgId }));
    await store().transaction((tx) => tx.jobs.insert([...jobs, job({ orgId: newId('org') })]));
    const first = await store().read((tx) => tx.jobs.list({ orgId, before: null, limit: 3 }));
    const rest = await store().read((tx) => tx.jobs.list({ orgId, before: first.at(-1)?.seq ?? null, limit: 3 }));
    expect([...first, ...rest].map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).reverse());
  });

  test('each filter of the list of runs keeps out what it names, and they add up', async () => {
    const headSha = 'f'.repeat(40);
    const wanted = run({
      orgId: newId('org'),
      status: 'completed',
      conclusion: 'failed',
      appVersionId: 'app-2',
      target: 'device',
      headSha,
      createdAt: noon + 10,
    });
    const { orgId } = wanted;
    const others = [
      run({ ...wanted, id: newId('run'), orgId: newId('org') }),
      run({ ...wanted, id: newId('run'), status: 'running' }),
      run({ ...wanted, id: newId('run'), conclusion: 'passed' }),
      run({ ...wanted, id: newId('run'), appVersionId: 'app-1' }),
      run({ ...wanted, id: newId('run'), target: 'emulator' }),
      run({ ...wanted, id: newId('run'), headSha: null }),
      run({ ...wanted, id: newId('run'), createdAt: noon }),
    ];
    for (const each of [wanted, ...others]) await store().transaction((tx) => tx.runs.insert(each));
    const filters = [
      { orgId },
      { status: 'completed' },
      { conclusion: 'failed' },
      { appVersionId: 'app-2' },
      { target: 'device' },
      { headSha },
      { createdAfter: noon },
    ] as const;
    await store().read(async (tx) => {
      for (const [i, filter] of filters.entries()) {
        const listed = (await tx.runs.list({ ...all, ...filter })).map(({ id }) => id);
        expect(listed).toContain(wanted.id);
        expect(listed).not.toContain(others[i]?.id);
      }
      const together = await tx.runs.list({ ...all, ...Object.assign({}, ...filters) });
      expect(together.map(({ id }) => id)).toEqual([wanted.id]);
    });
  });

  test('each filter of the list of jobs keeps out what it names, and they add up', async () => {
    const headSha = 'e'.repeat(40);
    const [thisRun, thatRun] = [run({ headSha }), run()];
    const wanted = job({
      orgId: newId('org'),
      runId: thisRun.id,
      status: 'completed',
      conclusion: 'failed',
      appVersionId: 'app-2',
      target: 'device',
      createdAt: noon + 10,
    });
    const { orgId } = wanted;
    const others = [
      job({ ...wanted, id: newId('job'), orgId: newId('org') }),
      job({ ...wanted, id: newId('job'), status: 'running' }),
      job({ ...wanted, id: newId('job'), conclusion: 'passed' }),
      job({ ...wanted, id: newId('job'), appVersionId: 'app-1' }),
      job({ ...wanted, id: newId('job'), target: 'emulator' }),
      job({ ...wanted, id: newId('job'), runId: thatRun.id }),
      job({ ...wanted, id: newId('job'), createdAt: noon }),
    ];
    await store().transaction(async (tx) => {
      await tx.runs.insert(thisRun);
      await tx.runs.insert(thatRun);
      await tx.jobs.insert([wanted, ...others]);
    });
    const filters = [
      { orgId },
      { status: 'completed' },
      { conclusion: 'failed' },
      { appVersionId: 'app-2' },
      { target: 'device' },
      { headSha },
      { createdAfter: noon },
    ] as const;
    await store().read(async (tx) => {
      for (const [i, filter] of filters.entries()) {
        const listed = (await tx.jobs.list({ ...all, ...filter })).map(({ id }) => id);
        expect(listed).toContain(wanted.id);
        expect(listed).not.toContain(others[i]?.id);
      }
      const together = await tx.jobs.list({ ...all, ...Object.assign({}, ...filters) });
      expect(together.map(({ id }) => id)).toEqual([wanted.id]);
    });
  });

  describe('runs are found', () => {
    test('when they are due: by queue deadline or client lease, at the instant itself, at most as many as asked', async () => {
      const runs = {
        deadline: run({ queueDeadlineAt: noon }),
        clientLease: run({ clientLeaseExpiresAt: noon }),
        both: run({ queueDeadlineAt: noon - 1, clientLeaseExpiresAt: noon - 1 }),
        later: run({ queueDeadlineAt: noon + 1, clientLeaseExpiresAt: noon + 1 }),
        never: run(),
      };
      for (const each of Object.values(runs)) await store().transaction((tx) => tx.runs.insert(each));
      const due = async (now: number, limit: number) =>
        (await store().read((tx) => tx.runs.due(now, limit))).map(({ id }) => id).sort();
      expect(await due(noon, 10)).toEqual([runs.deadline.id, runs.clientLease.id, runs.both.id].sort());
      expect(await due(noon, 2)).toHaveLength(2);
      expect(await due(noon - 2, 10)).toEqual([]);
    });

    test('by supersede key, all of them', async () => {
      const supersedeKey = newId('supersede');
      const [one, two] = [run({ supersedeKey }), run({ supersedeKey })];
      for (const each of [one, two, run()]) await store().transaction((tx) => tx.runs.insert(each));
      const found = await store().read((tx) => tx.runs.findBySupersedeKey(supersedeKey));
      expect(found.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    });

    test('by rerun key, the newest of an earlier attempt, completed or not', async () => {
      const rerunKey = newId('rerun');
      const attempt = (workflowAttempt: number | null, over: Partial<Run> = {}) =>
        run({ rerunKey, workflowAttempt, ...over });
      const [first, newest, third] = [attempt(2), attempt(1, { status: 'completed' }), attempt(3)];
      const others = [attempt(null), attempt(1, { rerunKey: newId('rerun') }), attempt(1, { rerunKey: null })];
      for (const each of [first, newest, third, ...others]) await store().transaction((tx) => tx.runs.insert(each));
      const earlierThan = async (workflowAttempt: number) =>
        (await store().read((tx) => tx.runs.findEarlierAttempt(rerunKey, workflowAttempt)))?.id;
      expect([await earlierThan(1), await earlierThan(2), await earlierThan(3), await earlierThan(4)]).toEqual([
        undefined,
        newest.id,
        newest.id,
        third.id,
      ]);
    });

    test('by the run they do again, the newest first, so many at most', async () => {
      const retryOf = newId('run');
      const [first, second, third] = [run({ retryOf }), run({ retryOf, status: 'completed' }), run({ retryOf })];
      for (const each of [first, second, third, run()]) await store().transaction((tx) => tx.runs.insert(each));
      const found = await store().read((tx) => tx.runs.retriesOf(retryOf, 2));
      expect(found.map(({ id }) => id)).toEqual([third.id, second.id]);
    });

    test('as they were written, every field', async () => {
      const whole = run({
        project: 'android-smoke',
        devices: [{ platform: 'android', model: 'Pixel 8', os_version: '14', labels: ['fast'] }],
        reason: 'waits',
        retryOf: 'run-0',
        startedAt: noon + 1,
        completedAt: noon + 2,
        bundleSha256: 'b'.repeat(64),
        queueDeadlineAt: noon + 3,
        clientLeaseMs: 30_000,
        clientLeaseExpiresAt: noon + 4,
        github: { repository: 'acme/shop', pull_request: 7 },
        headSha: 'c'.repeat(40),
        rerunKey: newId('rerun'),
        workflowAttempt: 2,
      });
      await store().transaction((tx) => tx.runs.insert(whole));
      const found = await store().read((tx) => tx.runs.find(whole.id));
      expect(found).toEqual({ ...whole, seq: expect.any(Number) });
      expect(await store().transaction((tx) => tx.runs.lock(whole.id))).toEqual(found);
      expect(await store().transaction((tx) => tx.runs.lock('run-none'))).toBeUndefined();
    });
  });
}
