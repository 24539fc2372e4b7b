import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installMsOf } from '../../server/usecases/estimates.ts';
import { getRun } from '../../server/usecases/get-run.ts';
import { createKey } from '../../server/usecases/manage-keys.ts';
import { putResult, putResults } from '../../server/usecases/put-result.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { reportInstall } from '../../server/usecases/report-install.ts';
import { startJob } from '../../server/usecases/start-job.ts';
import { engines, keyOf, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

describe.each(engines)('results, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  async function leased(tests: string[], body: Parameters<Scenario['submit']>[0] = {}) {
    const { run } = await s.submit({ tests, ...body });
    const agentId = await s.agent(['d1']);
    const claimed = must(await s.claim(agentId, 'd1', tests.length));
    return { runId: run.run.id, agentId, claimed, ids: claimed.jobs.map((job) => job.id) };
  }
  const runOf = async (id: string) => (await getRun(s.deps, operator, id)).run;

  test('a run is running from its first start and passed with its last pass', async () => {
    const { runId, claimed, ids } = await leased(['a.spec.ts', 'b.spec.ts']);
    expect((await runOf(runId)).status).toBe('queued');
    await startJob(s.deps, operator, claimed.lease, must(ids[0]));
    expect((await runOf(runId)).status).toBe('running');
    await s.finish(claimed, must(ids[0]));
    expect((await runOf(runId)).status).toBe('running');
    await s.finish(claimed, must(ids[1]));
    expect(await runOf(runId)).toMatchObject({ status: 'completed', conclusion: 'passed', counts: { passed: 2 } });
  });

  test('the same result ten times is one result', async () => {
    const { runId, claimed, ids } = await leased(['a.spec.ts']);
    const told = await Promise.all(Array.from({ length: 10 }, () => s.finish(claimed, must(ids[0]))));
    expect(told.filter(({ status }) => status === 'stored')).toHaveLength(1);
    expect(told.filter(({ status }) => status === 'already_stored')).toHaveLength(9);
    expect((await runOf(runId)).counts.total).toBe(1);
  });

  test('another result under the same lease is refused and the first stays', async () => {
    const { runId, claimed, ids } = await leased(['a.spec.ts', 'b.spec.ts']);
    await s.finish(claimed, must(ids[0]), 'passed');
    await expect(s.finish(claimed, must(ids[0]), 'failed')).rejects.toMatchObject({ code: 'result_conflict' });
    expect((await runOf(runId)).counts).toMatchObject({ passed: 1, failed: 0 });
  });

  test('a result is repeatable after its lease was released, and a new one is not', async () => {
    const { claimed, ids } = await leased(['a.spec.ts', 'b.spec.ts']);
    await s.finish(claimed, must(ids[0]));
    await releaseLease(s.deps, operator, claimed.lease);
    expect(await s.finish(claimed, must(ids[0]))).toMatchObject({ status: 'already_stored' });
    await expect(s.finish(claimed, must(ids[1]))).rejects.toMatchObject({ code: 'lease_lost' });
  });

  test('jobs given back wait again, with the reason their agent gave, and with nothing held against them', async () => {
    const { runId, claimed } = await leased(['a.spec.ts']);
    expect(await releaseLease(s.deps, operator, claimed.lease, 'the phone is\u001b[31m warm')).toEqual({ requeued: 1 });
    const { job } = must((await getRun(s.deps, operator, runId)).jobs[0]);
    expect(job).toMatchObject({ status: 'queued', attempts: 0, infraFailures: 0, losses: 0 });
    expect(job.reason).toMatch(/^the phone is\s+warm$/);
  });

  test('a wrong token, or the right one of another lease, writes nothing', async () => {
    const { runId, claimed, ids } = await leased(['a.spec.ts']);
    await s.submit({ app_version_id: 'v2' });
    const other = must(await s.claim(await s.agent(['d2']), 'd2'));
    const body = { outcome: 'failed' as const, duration_ms: 1, tests: [], errors: [] };
    for (const token of ['', 'x', other.lease.token, `${claimed.lease.token}0`]) {
      const proof = { id: claimed.lease.id, token };
      await expect(putResult(s.deps, operator, proof, must(ids[0]), body, 0)).rejects.toMatchObject({
        code: 'lease_lost',
      });
    }
    expect((await runOf(runId)).jobsActive).toBe(1);
  });

  test('an agent of another organisation is told of a lease as if it never was', async () => {
    const { claimed, ids } = await leased(['a.spec.ts']);
    const body = { outcome: 'passed' as const, duration_ms: 1, tests: [], errors: [] };
    await expect(putResult(s.deps, keyOf('zeta', 'agent'), claimed.lease, must(ids[0]), body, 0)).rejects.toMatchObject(
      { code: 'not_found' },
    );
  });

  test('a failed job is tried again within its budget, at its old place and under another lease', async () => {
    const { runId, agentId, claimed, ids } = await leased(['a.spec.ts', 'b.spec.ts'], { retries: { test: 1 } });
    const told = await s.finish(claimed, must(ids[0]), 'failed', { next: 1 });
    expect(told.jobs).toEqual([]);
    await s.finish(claimed, must(ids[1]));
    await releaseLease(s.deps, operator, claimed.lease);
    const again = must(await s.claim(agentId, 'd1'));
    expect(again.jobs).toMatchObject([{ id: ids[0], attempt: 2 }]);
    expect(await s.finish(claimed, must(ids[0]), 'failed')).toMatchObject({ status: 'already_stored' });
    await s.finish(again, must(ids[0]), 'passed');
    expect(await runOf(runId)).toMatchObject({ conclusion: 'passed', counts: { total: 2, passed: 1, flaky: 1 } });
  });

  test('infrastructure spends its own budget, never that of the tests', async () => {
    const { runId, agentId, claimed, ids } = await leased(['a.spec.ts'], { retries: { test: 1, infra: 1 } });
    let lease = claimed;
    const outcomes = ['infra_error', 'failed', 'infra_error'] as const;
    for (const outcome of outcomes) {
      await s.finish(lease, must(ids[0]), outcome);
      await releaseLease(s.deps, operator, lease.lease);
      lease = (await s.claim(agentId, 'd1')) ?? lease;
    }
    const { run, jobs } = await getRun(s.deps, operator, runId);
    expect(run.conclusion).toBe('infra_error');
    expect(must(jobs[0]).attempts.map((attempt) => attempt.outcome)).toEqual([...outcomes]);
  });

  test('one install is made and the others are avoided, each counted in its run', async () => {
    const { runId, claimed, ids } = await leased(['a.spec.ts', 'b.spec.ts', 'c.spec.ts']);
    await reportInstall(s.deps, operator, claimed.lease, { result: 'installed', sha256: null, duration_ms: 40_000 });
    for (const id of ids) await s.finish(claimed, id);
    expect(await runOf(runId)).toMatchObject({ installsMade: 1, installsAvoided: 2, installMsSaved: 80_000 });
  });

  test('what installs take is learnt of the version, and for the next one; one that hung counts no more than any other', async () => {
    const { claimed } = await leased(['a.spec.ts']);
    const ledger = { result: 'installed' as const, sha256: null };
    for (const duration_ms of [40_000, 40_000, 40_000, 900_000]) {
      await reportInstall(s.deps, operator, claimed.lease, { ...ledger, duration_ms });
    }
    await reportInstall(s.deps, operator, claimed.lease, { ...ledger, result: 'failed', duration_ms: 1 });
    const expected = (appVersionId: string, orgId = 'acme') =>
      s.deps.store.read((tx) => installMsOf(tx, { orgId, appVersionId, target: 'emulator' }));
    expect(await expected('v1')).toBe(46_667);
    expect(await expected('v2')).toBe(46_667);
    expect(await expected('v2', 'zeta')).toBeNull();
  });

  test('of several results at once each stands on its own', async () => {
    const { claimed, ids } = await leased(['a.spec.ts', 'b.spec.ts']);
    const result = { outcome: 'passed' as const, duration_ms: 1, tests: [], errors: [] };
    const told = await putResults(s.deps, operator, claimed.lease, {
      results: [
        { job_id: must(ids[0]), ...result },
        { job_id: 'job_unknown', ...result },
        { job_id: must(ids[1]), ...result },
      ],
    });
    expect(told.results.map(({ status, code }) => [status, code])).toEqual([
      ['stored', null],
      ['refused', 'not_found'],
      ['stored', null],
    ]);
  });

  test('a run whose jobs all passed without a single test has no tests', async () => {
    const { runId, claimed, ids } = await leased(['a.spec.ts']);
    const body = { outcome: 'passed' as const, duration_ms: 1, tests: [], errors: [] };
    await putResult(s.deps, operator, claimed.lease, must(ids[0]), body, 0);
    expect((await runOf(runId)).conclusion).toBe('no_tests');
  });

  test('a key of an unknown organisation cannot be made', async () => {
    const make = createKey(s.deps, operator, 'nowhere', { role: 'read', name: 'k' }, () => new Uint8Array(32), null);
    await expect(make).rejects.toMatchObject({ code: 'not_found' });
  });
});
