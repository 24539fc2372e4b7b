import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SubmitRun } from '../../contract/run.ts';
import type { GithubContext, ReportedOutcome } from '../../contract/words.ts';
import { cancelRun } from '../../server/usecases/cancel-run.ts';
import { findLog } from '../../server/usecases/find-log.ts';
import { getReport } from '../../server/usecases/get-report.ts';
import { getRun } from '../../server/usecases/get-run.ts';
import { createOrg, putLimits } from '../../server/usecases/manage-orgs.ts';
import { putResult } from '../../server/usecases/put-result.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { retryJob, retryRun } from '../../server/usecases/retry-run.ts';
import { startJob } from '../../server/usecases/start-job.ts';
import { submitRun } from '../../server/usecases/submit-run.ts';
import type { RunView } from '../../server/usecases/views.ts';
import { appVersion } from '../support/records.ts';
import { engines, must, openScenario, operator, type Scenario, submission } from '../support/scenario.ts';

/** What becomes of a test that is run: an outcome, or nothing, because the agent gives it back. */
type Fate = 'passed' | 'flaky' | 'failed' | 'timed_out' | 'infra_error' | 'given back';

const step = { repository: 'acme/app', repository_id: 7, run_id: 11, step: 'e2e:0:__qualgent', check_name: 'e2e' };

/** The submission of one attempt of a workflow run. */
function attemptOf(attempt: number, body: Partial<SubmitRun> = {}, github: Partial<GithubContext> = {}): SubmitRun {
  return {
    ...submission,
    tests: ['a.spec.ts', 'b.spec.ts'],
    retries: { infra: 0 },
    carry_over: true,
    ...body,
    github: { ...step, run_attempt: attempt, ...github },
  };
}

describe.each(engines)('a re-run of a workflow, on %s', (engine) => {
  let s: Scenario;
  let agents = 0;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  const submit = async (body: SubmitRun) => (await submitRun(s.deps, operator, body, null)).run;
  const runOf = (view: RunView) => getRun(s.deps, operator, view.run.id);
  const states = ({ jobs }: RunView) => jobs.map(({ job }) => [job.testPath, job.carriedFrom ?? job.status]);

  /** Runs what waits, each test as told or else passed; what is `given back` waits again. */
  async function execute(fates: Record<string, Fate> = {}): Promise<string[]> {
    const device = `device-${++agents}`;
    const claimed = await s.claim(await s.agent([device]), device, 100);
    if (!claimed) return [];
    for (const { id, testPath } of claimed.jobs) {
      const fate = fates[testPath] ?? 'passed';
      if (fate !== 'given back') await s.finish(claimed, id, fate satisfies ReportedOutcome);
    }
    await releaseLease(s.deps, operator, claimed.lease);
    return claimed.jobs.map(({ testPath }) => testPath);
  }

  test('runs what did not pass; what passed stands there as it was, in its place, with its counts', async () => {
    const tests = ['a.spec.ts', 'b.spec.ts', 'c.spec.ts'];
    const first = await submit(attemptOf(1, { tests }));
    await execute({ 'a.spec.ts': 'failed', 'b.spec.ts': 'flaky', 'c.spec.ts': 'timed_out' });
    const second = await submit(attemptOf(2, { tests }));
    const passed = must(first.jobs[1]).job.id;
    expect(states(second)).toEqual([
      ['a.spec.ts', 'queued'],
      ['b.spec.ts', passed],
      ['c.spec.ts', 'queued'],
    ]);
    expect(second.run).toMatchObject({
      status: 'queued',
      attempt: 2,
      retryOf: first.run.id,
      jobsTotal: 3,
      jobsQueued: 2,
      counts: { total: 1, flaky: 1 },
    });
    expect(await execute()).toEqual(['a.spec.ts', 'c.spec.ts']);
    expect((await runOf(second)).run).toMatchObject({
      conclusion: 'passed',
      counts: { total: 3, passed: 2, flaky: 1 },
    });
  });

  test('of which everything passed before is passed at once, and nothing waits', async () => {
    await submit(attemptOf(1));
    await execute();
    const again = await submit(attemptOf(2));
    expect(again.run).toMatchObject({
      status: 'completed',
      conclusion: 'passed',
      jobsQueued: 0,
      counts: { passed: 2 },
    });
    expect(again.run.completedAt).not.toBeNull();
    const stored = await runOf(again);
    expect(stored.run).toEqual(again.run);
    expect(states(stored)).toEqual(states(again));
    expect(await execute()).toEqual([]);
    expect(await s.deps.store.read((tx) => tx.groups.totals('acme'))).toMatchObject({ queued: 0, active: 0 });
  });

  test('that carries over jobs without a single test is no pass', async () => {
    const first = await submit(attemptOf(1, { tests: ['a.spec.ts'] }));
    const claimed = must(await s.claim(await s.agent(['d']), 'd'));
    const nothing = { outcome: 'passed' as const, duration_ms: 1, tests: [], errors: [] };
    await putResult(s.deps, operator, claimed.lease, must(first.jobs[0]).job.id, nothing, 0);
    const again = await submit(attemptOf(2, { tests: ['a.spec.ts'] }));
    expect(again.run).toMatchObject({ status: 'completed', conclusion: 'no_tests', counts: { total: 0 } });
  });

  test('ends an attempt that is still active, keeps what passed in it and runs again what it was running', async () => {
    const tests = ['a.spec.ts', 'b.spec.ts', 'c.spec.ts'];
    const first = await submit(attemptOf(1, { tests }));
    const claimed = must(await s.claim(await s.agent(['d']), 'd', 2));
    await s.finish(claimed, must(claimed.jobs[0]).id);
    await startJob(s.deps, operator, claimed.lease, must(claimed.jobs[1]).id);
    const second = await submit(attemptOf(2, { tests }));
    expect(second.run.id).not.toBe(first.run.id);
    expect(states(second)).toEqual([
      ['a.spec.ts', must(first.jobs[0]).job.id],
      ['b.spec.ts', 'queued'],
      ['c.spec.ts', 'queued'],
    ]);
    expect((await runOf(first)).jobs.map(({ job }) => [job.status, job.conclusion, job.cancelRequested])).toEqual([
      ['completed', 'passed', false],
      ['running', null, true],
      ['completed', 'superseded', false],
    ]);
    await s.finish(claimed, must(claimed.jobs[1]).id, 'cancelled');
    expect((await runOf(first)).run).toMatchObject({ status: 'completed', conclusion: 'superseded' });
    await releaseLease(s.deps, operator, claimed.lease);
    expect(await execute()).toEqual(['b.spec.ts', 'c.spec.ts']);
  });

  test('is not taken for the attempt before it; sent twice it is one run', async () => {
    const first = await submitRun(s.deps, operator, attemptOf(1), null);
    const second = await submitRun(s.deps, operator, attemptOf(2), null);
    const again = await submitRun(s.deps, operator, attemptOf(2), null);
    expect([first.created, second.created, again.created]).toEqual([true, true, false]);
    expect(again.run.run.id).toBe(second.run.run.id);
    expect((await runOf(first.run)).run.conclusion).toBe('superseded');
    const key = { key: 'gha:7:11:3', requestHash: 'h' };
    const third = await submitRun(s.deps, operator, attemptOf(3), key);
    expect(await submitRun(s.deps, operator, attemptOf(3), key)).toEqual(third);
  });

  test('ten times at once is one run', async () => {
    await submit(attemptOf(1));
    await execute({ 'b.spec.ts': 'failed' });
    const all = await Promise.all(Array.from({ length: 10 }, () => submit(attemptOf(2))));
    expect(new Set(all.map(({ run }) => run.id)).size).toBe(1);
    expect(await execute()).toEqual(['b.spec.ts']);
  });

  test('that is sent while a result arrives either carries it over or runs its test again', async () => {
    const tests = Array.from({ length: 8 }, (_, i) => `${i}.spec.ts`);
    const first = await submit(attemptOf(1, { tests }));
    const claimed = must(await s.claim(await s.agent(['d']), 'd', 8));
    const finish = () => Promise.all(claimed.jobs.map(({ id }) => s.finish(claimed, id)));
    const [second] = await Promise.all([submit(attemptOf(2, { tests })), finish()]);
    const ids = new Map(first.jobs.map(({ job }) => [job.testPath, job.id]));
    for (const [path, state] of states(second)) expect([ids.get(must(path)), 'queued']).toContain(state);
    // the group is served by another device until then, and not worth a second one
    await releaseLease(s.deps, operator, claimed.lease);
    const ran = await execute();
    expect(ran).toHaveLength(second.run.jobsQueued);
    expect((await runOf(second)).run).toMatchObject({ conclusion: 'passed', counts: { total: 8, passed: 8 } });
  });

  test('takes over what other tests, another priority, other limits and other budgets change nothing of', async () => {
    await submit(attemptOf(1));
    await execute();
    const other: Partial<SubmitRun> = {
      tests: ['c.spec.ts', 'b.spec.ts'],
      priority: 9,
      retries: { test: 3 },
      timeout_seconds: 5,
      queue_timeout_seconds: 60,
      client_lease_seconds: 30,
      devices: [],
      reset: 'data',
    };
    const second = await submit(attemptOf(2, other));
    expect(second.jobs.map(({ job }) => [job.testPath, job.carriedFrom !== null, job.priority])).toEqual([
      ['c.spec.ts', false, 9],
      ['b.spec.ts', true, 9],
    ]);
  });

  test.each<[string, Partial<SubmitRun>, Partial<GithubContext>]>([
    ['another app version', { app_version_id: 'v2' }, {}],
    ['another target', { target: 'device' }, {}],
    ['other devices', { devices: [{ platform: 'web' }] }, {}],
    ['another project', { project: 'tablet' }, {}],
    ['another way to reset the app', { reset: 'none' }, {}],
    ['other test files', { bundle: { sha256: 'b'.repeat(64) } }, {}],
    ['another organisation', { org_id: 'zeta' }, {}],
    ['another repository', {}, { repository_id: 8 }],
    ['another workflow run', {}, { run_id: 12 }],
    ['another step', {}, { step: 'e2e:1:__qualgent' }],
    ['another check', {}, { check_name: 'smoke' }],
    ['the same attempt', {}, { run_attempt: 1 }],
    ['no wish to carry over', { carry_over: false }, {}],
  ])('takes over nothing for %s', async (_, body, github) => {
    const first = await submit(attemptOf(1));
    await execute();
    const bundle = { orgId: 'acme', sha256: 'b'.repeat(64), sizeBytes: 1, createdAt: 0 };
    await s.deps.store.transaction((tx) => tx.accounts.insertBlob(bundle));
    const second = await submit(attemptOf(2, body, github));
    expect(second.run).toMatchObject({ status: 'queued', jobsQueued: 2, attempt: 1, retryOf: null });
    expect((await runOf(first)).run.conclusion).toBe('passed');
  });

  test('takes over nothing when the app version has got other bytes than it was tested with', async () => {
    await submit(attemptOf(1));
    await execute();
    await s.deps.store.transaction((tx) => tx.accounts.insertAppVersion(appVersion({ orgId: 'acme', id: 'v1' })));
    expect((await submit(attemptOf(2))).run).toMatchObject({ jobsQueued: 2, retryOf: null });
  });

  test('takes over nothing from an attempt after it', async () => {
    await submit(attemptOf(3));
    await execute();
    expect((await submit(attemptOf(2))).run).toMatchObject({ jobsQueued: 2, retryOf: null });
  });

  test('tells in its report and its log what the carried job did, over any number of attempts', async () => {
    const retries = { test: 1 };
    const first = await submit(attemptOf(1, { retries }));
    await execute({ 'a.spec.ts': 'failed', 'b.spec.ts': 'failed' });
    await execute({ 'b.spec.ts': 'failed' });
    await submit(attemptOf(2, { retries }));
    await execute({ 'b.spec.ts': 'failed' });
    await execute({ 'b.spec.ts': 'failed' });
    const third = await submit(attemptOf(3, { retries }));
    const ran = must(first.jobs[0]).job.id;
    const report = await getReport(s.deps, operator, third.run.id);
    const [a, b] = report.jobs;
    expect(must(a).job).toMatchObject({ carriedFrom: ran, conclusion: 'passed', counts: { total: 1, flaky: 1 } });
    expect(must(a).attempts.map(({ outcome, tests }) => [outcome, tests.length])).toEqual([
      ['failed', 1],
      ['passed', 1],
    ]);
    expect(must(b).attempts).toEqual([]);
    expect(await findLog(s.deps, operator, must(a).job.id, undefined)).toMatchObject({ jobId: ran, attempt: 2 });
  });

  test('goes by what a retry by hand came to, if that was of all jobs', async () => {
    const first = await submit(attemptOf(1));
    await execute({ 'b.spec.ts': 'failed' });
    const alone = await retryJob(s.deps, operator, must(first.jobs[1]).job.id, null);
    await execute();
    const second = await submit(attemptOf(2));
    expect(second.run).toMatchObject({ retryOf: first.run.id, jobsQueued: 1 });
    await cancelRun(s.deps, operator, second.run.id);
    await retryRun(s.deps, operator, second.run.id, { onlyFailed: true }, null);
    await execute();
    expect((await submit(attemptOf(3))).run).toMatchObject({ conclusion: 'passed', attempt: 4 });
    expect(alone.job.runId).not.toBe(second.run.retryOf);
  });

  test('needs room only for what it runs', async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    await putLimits(s.deps, operator, 'acme', { max_queued_jobs: 2, max_active_jobs: null, weight: 1 });
    await submit(attemptOf(1));
    await execute({ 'b.spec.ts': 'given back' });
    expect(states(await submit(attemptOf(2)))).toHaveLength(2);
    const tests = ['a.spec.ts', 'b.spec.ts', 'c.spec.ts', 'd.spec.ts'];
    await expect(submit(attemptOf(3, { tests }))).rejects.toMatchObject({ code: 'limit_exceeded' });
    expect((await submit(attemptOf(3, { tests: tests.slice(0, 3) }))).run.jobsQueued).toBe(2);
  });

  test('carries over what passed and runs the rest, whatever became of which test in which attempt', async () => {
    const paths = ['a', 'b', 'c', 'd'].map((name) => `${name}.spec.ts`);
    const fate = fc.constantFrom<Fate>('passed', 'flaky', 'failed', 'timed_out', 'infra_error', 'given back');
    const attempts = fc.array(
      fc.tuple(fc.shuffledSubarray(paths, { minLength: 1 }), fc.tuple(fate, fate, fate, fate)),
      {
        minLength: 2,
        maxLength: 4,
      },
    );
    let workflowRun = 100;
    const check = async (plan: [string[], Fate[]][]) => {
      const run_id = ++workflowRun;
      let passed = new Map<string, string>();
      for (const [i, [tests, fates]] of plan.entries()) {
        const view = await submit(attemptOf(i + 1, { tests }, { run_id }));
        const expected = tests.map((path) => [path, passed.get(path) ?? 'queued']);
        expect(states(view)).toEqual(expected);
        const queued = tests.filter((path) => !passed.has(path));
        expect(view.run).toMatchObject({ jobsTotal: tests.length, jobsQueued: queued.length });
        const ran = await execute(Object.fromEntries(paths.map((path, at) => [path, must(fates[at])])));
        expect(ran.toSorted()).toEqual(queued.toSorted());
        const after = await runOf(view);
        passed = new Map(
          after.jobs
            .filter(({ job }) => job.conclusion === 'passed')
            .map(({ job }) => [job.testPath, job.carriedFrom ?? job.id]),
        );
        const done = after.jobs.every(({ job }) => job.status === 'completed');
        expect(after.run.conclusion === 'passed').toBe(done && passed.size === tests.length);
        // what was given back belongs to this attempt; the next takes it out of the queue
        if (i === plan.length - 1) await cancelRun(s.deps, operator, view.run.id);
      }
    };
    await fc.assert(fc.asyncProperty(attempts, check), { numRuns: 25 });
  }, 60_000);
});
