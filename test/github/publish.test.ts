import { describe, expect, test } from 'vitest';
import { change } from '../../server/usecases/changes.ts';
import { retryRun } from '../../server/usecases/retry-run.ts';
import { startJob } from '../../server/usecases/start-job.ts';
import { makeKeyPair } from '../support/github/key-pair.ts';
import { must, operator } from '../support/scenario.ts';
import { openPublishing } from './publishing.ts';

const createRoute = 'POST /repos/{owner}/{repo}/check-runs';
const updateRoute = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';

describe('the check run of a run', () => {
  test('is made at once, in progress while it runs, and completed at its end', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const run = await p.post(repository, { check_name: 'e2e' });
    await p.settle([run]);
    const agent = await p.agent(['d']);
    const claimed = must(await p.claim(agent, 'd', 1));
    await startJob(p.deps, operator, claimed.lease, must(claimed.jobs[0]).id);
    await p.settle([run]);
    await p.finish(claimed, must(claimed.jobs[0]).id);
    await p.settle([run]);
    const [check] = p.github.checkRuns(repository);
    expect(check?.history.map(({ status }) => status)).toEqual(['queued', 'in_progress', 'completed']);
    expect(check).toMatchObject({
      name: 'e2e',
      conclusion: 'success',
      externalId: `${run}:1`,
      detailsUrl: `http://qgjob.test/runs/${run}`,
    });
    expect([p.github.checkRuns().length, p.troubles]).toEqual([1, []]);
    p.github.expectNoViolations();
  });

  test.each([
    [0, 1],
    [1, 1],
    [50, 1],
    [51, 2],
    [200, 4],
    [5_000, 4],
  ])('with %i failing tests is written in %i requests, all its annotations once', async (failures, writes) => {
    const p = await openPublishing();
    const run = await p.post(p.shop());
    await p.fail(run, failures);
    await p.settle([run]);
    const [check] = p.github.checkRuns();
    expect(check).toMatchObject({ status: 'completed', conclusion: failures === 0 ? 'success' : 'failure' });
    expect(check?.annotations).toHaveLength(Math.min(failures, 200));
    expect(new Set(check?.annotations.map(({ start_line }) => start_line)).size).toBe(Math.min(failures, 200));
    const words = check?.history.map(({ status }) => status);
    expect(words).toEqual([...Array<string>(writes - 1).fill('in_progress'), 'completed']);
    expect(p.github.pace()).toMatchObject({ writes, mostAtOnce: 1 });
    expect(p.github.pace().smallestGapMs).toBeGreaterThanOrEqual(1_000);
    p.github.expectNoViolations();
  });

  test('that was told while it ran is completed in the same check run', async () => {
    const p = await openPublishing();
    const run = await p.post(p.shop());
    await p.settle([run]);
    await p.fail(run, 120);
    await p.settle([run]);
    expect(p.github.checkRuns()).toMatchObject([{ conclusion: 'failure', annotations: { length: 120 } }]);
    p.github.expectNoViolations();
  });

  test('of a retry is another, made after the first also when the first was held up', async () => {
    const p = await openPublishing();
    const first = await p.post(p.shop());
    await p.fail(first, 1);
    p.github.faults.arm({ kind: 'status', status: 500 }, { route: createRoute, times: 3 });
    for (let i = 0; i < 2; i++) {
      await p.round();
      p.pass(1_100);
    }
    const { run } = await retryRun(p.deps, operator, first, { onlyFailed: false }, null);
    await p.fail(run.id, 0);
    await p.settle([first, run.id]);
    expect(p.github.checkRuns().map(({ externalId, conclusion }) => [externalId, conclusion])).toEqual([
      [`${first}:1`, 'failure'],
      [`${run.id}:2`, 'success'],
    ]);
  });

  test('that awaited approval is a new one when it goes on, also when the answer to that is lost', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const run = await p.post(repository, { from_fork: true });
    await p.settle([run]);
    expect(p.github.checkRuns()).toMatchObject([{ status: 'completed', conclusion: 'action_required' }]);
    await change(p.deps, async (changes) => void (await changes.touchRun(run, { awaitingApproval: false })));
    p.github.faults.arm({ kind: 'reset', committed: true }, { route: createRoute });
    await p.settle([run]);
    expect(p.github.checkRuns().map(({ status }) => status)).toEqual(['completed', 'queued']);
    p.github.expectNoViolations();
  });

  test('is not made for a run without a commit, a repository or an App on its host', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const { run } = await p.submit();
    const elsewhere = await p.post(repository, { host: 'ghes.test' });
    const notes = await p.deps.store.read(async (tx) => [
      await tx.checks.find(run.run.id),
      await tx.checks.find(elsewhere),
    ]);
    expect(notes).toEqual([undefined, undefined]);
    await p.round();
    expect(p.github.requests).toEqual([]);
  });
});

describe('what is told while a run runs', () => {
  test('is told every ten seconds at most, and not at all when it is unchanged', async () => {
    const p = await openPublishing();
    const run = await p.post(
      p.shop(),
      {},
      Array.from({ length: 12 }, (_, i) => `tests/${i}.spec.ts`),
    );
    await p.settle([run]);
    const agent = await p.agent(['d']);
    const claimed = must(await p.claim(agent, 'd', 12));
    const writes = () => p.github.requests.filter(({ route }) => route === updateRoute).length;
    await p.settle([run]);
    const before = writes();
    for (const { id } of claimed.jobs.slice(0, 11)) {
      await p.finish(claimed, id);
      for (let i = 0; i < 16; i++) {
        await p.round();
        p.pass(250);
      }
    }
    // 44 s of constant change
    expect(writes() - before).toBeGreaterThanOrEqual(4);
    expect(writes() - before).toBeLessThanOrEqual(5);
    await p.settle([run]);
    const told = writes();
    for (let i = 0; i < 3; i++) {
      await p.touch(run);
      await p.settle([run]);
      p.pass(20_000);
    }
    expect(writes()).toBe(told);
    p.github.expectNoViolations();
  });

  test('comes after changes of state, and those after ends', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(await p.post(repository, { check_name: `check ${i}` }));
    await p.settle(runs);
    p.pass(60_000);
    const before = p.github.requests.length;
    const [progress = '', state = '', final = ''] = runs;
    // the least urgent has waited longest
    for (const [run, urgency] of [
      [progress, 'progress'],
      [state, 'state'],
      [final, 'final'],
    ] as const) {
      const note = await p.note(run);
      await p.deps.store.transaction((tx) => tx.checks.save({ ...note, publishedHash: 'of something else' }));
      await p.want(run, urgency);
      p.pass(1);
    }
    await p.settle(runs);
    const told = p.github.requests.slice(before).filter(({ method }) => method === 'PATCH');
    expect(told.map(({ body }) => body.external_id)).toEqual([`${final}:1`, `${state}:1`, `${progress}:1`]);
  });
});

describe('an installation', () => {
  test('that is slow delays no other', async () => {
    const p = await openPublishing({ timeoutMs: 5_000 });
    const [slow, fast] = [p.shop(), p.shop(p.github, 'other/shop')];
    const first = await p.post(slow);
    p.github.faults.arm({ kind: 'slow', delayMs: 1_500 }, { route: createRoute });
    await p.publisher.begin();
    await expect.poll(() => p.github.requests.some(({ route }) => route === createRoute)).toBe(true);
    for (const _ of [1, 2]) await p.post(fast);
    for (const count of [1, 2]) {
      await p.publisher.begin();
      await expect.poll(() => p.github.checkRuns(fast).length).toBe(count);
      // the answer, too
      await expect
        .poll(() => p.deps.store.read((tx) => tx.checks.dueLanes('github.com', p.deps.now() + 1_000, 9)))
        .toHaveLength(2 - count);
      p.pass(1_000);
    }
    expect(p.github.checkRuns(slow)).toEqual([]);
    await p.publisher.idle();
    await p.settle([first]);
    expect(p.github.checkRuns(slow)).toHaveLength(1);
  });

  test('of one number on two hosts is two: each check run is where it belongs, by that host’s tokens', async () => {
    const p = await openPublishing({ hosts: ['github.com', 'ghes.test'], timeoutMs: 5_000 });
    const [one, other] = p.beds;
    if (!one || !other) return expect.unreachable();
    const [here, there] = [p.shop(one, 'acme/shop', 7), p.shop(other, 'acme/shop', 7)];
    const runs = [];
    for (let i = 0; i < 10; i++) {
      runs.push(await p.post(here, { check_name: `here ${i}` }));
      runs.push(await p.post(there, { check_name: `there ${i}`, host: 'ghes.test' }));
    }
    await p.settle(runs);
    expect(one.checkRuns().every(({ name }) => name.startsWith('here'))).toBe(true);
    expect(other.checkRuns().every(({ name }) => name.startsWith('there'))).toBe(true);
    expect([one.checkRuns().length, other.checkRuns().length]).toEqual([10, 10]);
    expect([...one.state.tokens.keys()].every((token) => token.length === 520)).toBe(true);
    one.expectNoViolations();
    other.expectNoViolations();
  });

  test('that is suspended is left alone, said once, and goes on when it is not any more', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const run = await p.post(repository);
    await p.settle([run]);
    const [installation] = p.github.state.installations.values();
    p.github.suspend(must(installation));
    await p.fail(run, 1);
    await p.settle([run]);
    expect(await p.note(run)).toMatchObject({ state: 'unpostable', remoteId: expect.any(Number) });
    const asked = p.github.requests.length;
    for (let i = 0; i < 20; i++) {
      await p.round();
      p.pass(60_000);
    }
    expect([p.troubles.length, p.github.requests.length - asked]).toEqual([1, 0]);
    p.github.unsuspend(must(installation));
    await p.deps.store.transaction((tx) => tx.checks.resume({ host: 'github.com', owner: 'acme' }, 0, p.deps.now()));
    await p.settle([run]);
    expect(p.github.checkRuns()).toMatchObject([{ conclusion: 'failure', annotations: { length: 1 } }]);
    p.github.expectNoViolations();
  });

  test('there is none of is said once, and nothing fails', async () => {
    const p = await openPublishing();
    const run = await p.post(p.github.repository('acme/shop'));
    await p.settle([run]);
    await p.touch(run);
    await p.settle([run]);
    expect(p.troubles).toEqual([expect.stringContaining('unpostable: The App is not installed')]);
    expect(p.github.checkRuns()).toEqual([]);
    p.github.expectNoViolations();
  });

  test('that is made anew has another number, which is found', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const run = await p.post(repository);
    await p.settle([run]);
    const [old] = p.github.state.installations.values();
    p.github.uninstall(must(old));
    p.github.install(p.github.app, repository.owner);
    await p.fail(run, 0);
    await p.settle([run]);
    expect(p.github.checkRuns()).toMatchObject([{ conclusion: 'success' }]);
    expect((await p.note(run)).state).toBe('open');
  });
});

describe('a key', () => {
  test('that was rotated is used from then on; one that GitHub refuses is tried again, not often', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const next = await makeKeyPair();
    p.github.app.publicKeys = [next.publicKey];
    const run = await p.post(repository);
    for (let i = 0; i < 240; i++) {
      await p.round();
      p.pass(250);
    }
    expect(p.github.requests.length).toBeLessThan(12);
    p.keys[0] = { privateKey: next.privateKey };
    await p.apps.refresh();
    await p.settle([run]);
    expect(p.github.checkRuns()).toHaveLength(1);
  });
});
