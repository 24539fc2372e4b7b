import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancelRun } from '../../server/usecases/cancel-run.ts';
import { getRun } from '../../server/usecases/get-run.ts';
import { createOrg, putLimits } from '../../server/usecases/manage-orgs.ts';
import { submitRun } from '../../server/usecases/submit-run.ts';
import { engines, keyOf, openScenario, operator, type Scenario, submission } from '../support/scenario.ts';

describe.each(engines)('submitting, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  test('a run and its jobs are there, in the order of the tests, each once', async () => {
    const { run } = await s.submit({ tests: ['b.spec.ts', 'a.spec.ts', 'b.spec.ts'] });
    const stored = await getRun(s.deps, operator, run.run.id);
    expect(stored.jobs.map(({ job }) => job.testPath)).toEqual(['b.spec.ts', 'a.spec.ts']);
    expect(stored.run).toMatchObject({ status: 'queued', jobsTotal: 2, jobsQueued: 2, version: 1 });
  });

  test('what is submitted twice while it is active is one run; forced, or once it has completed, another', async () => {
    const first = await s.submit();
    const same = await s.submit({ tests: [...submission.tests] });
    expect(same).toMatchObject({ created: false, run: { run: { id: first.run.run.id } } });
    const forced = await s.submit({ dedupe: false });
    expect(forced.created).toBe(true);
    await cancelRun(s.deps, operator, first.run.run.id);
    await cancelRun(s.deps, operator, forced.run.run.id);
    expect((await s.submit()).created).toBe(true);
  });

  test('fifty submissions at once are one run', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => s.submit()));
    expect(new Set(all.map(({ run }) => run.run.id)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
  });

  test('an idempotency key makes one run, tells it again and refuses another body', async () => {
    const key = { key: 'k1', requestHash: 'h1' };
    const all = await Promise.all(Array.from({ length: 20 }, () => submitRun(s.deps, operator, submission, key)));
    expect(new Set(all.map(({ run }) => run.run.id)).size).toBe(1);
    expect(all.every(({ created }) => created)).toBe(true);
    await expect(submitRun(s.deps, operator, submission, { key: 'k1', requestHash: 'h2' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test("an idempotency key belongs to its organisation: another's same key is another request", async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    await createOrg(s.deps, operator, { id: 'zeta', name: 'Zeta' }, null);
    const key = { key: 'k1', requestHash: 'h1' };
    const acme = await submitRun(s.deps, keyOf('acme'), submission, key);
    const zeta = await submitRun(s.deps, keyOf('zeta'), { ...submission, org_id: 'zeta' }, key);
    expect(zeta.run.run.id).not.toBe(acme.run.run.id);
  });

  test('a key of one organisation cannot submit for another, nor see its runs', async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    const { run } = await s.submit();
    await expect(s.submit({}, keyOf('zeta'))).rejects.toMatchObject({ code: 'org_mismatch' });
    await expect(getRun(s.deps, keyOf('zeta'), run.run.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a bundle that was never uploaded is refused and nothing is stored', async () => {
    const bundle = { sha256: 'a'.repeat(64) };
    await expect(s.submit({ bundle })).rejects.toMatchObject({ code: 'blob_unknown' });
    const totals = await s.deps.store.read((tx) => tx.groups.totals(null));
    expect(totals.queued).toBe(0);
  });

  test('jobs beyond the limit of an organisation are refused, all of them', async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    await putLimits(s.deps, operator, 'acme', { max_queued_jobs: 2, max_active_jobs: null, weight: 1 });
    await s.submit({ tests: ['a.spec.ts', 'b.spec.ts'] });
    await expect(s.submit({ tests: ['c.spec.ts'] })).rejects.toMatchObject({ code: 'limit_exceeded' });
    expect(await s.deps.store.read((tx) => tx.groups.totals('acme'))).toMatchObject({ queued: 2 });
  });

  test('a newer run of a pull request supersedes the older one, and no other', async () => {
    const github = { repository: 'acme/app', pull_request: 7 };
    const older = await s.submit({ github, supersede: true });
    const other = await s.submit({ github: { ...github, pull_request: 8 }, supersede: true });
    await s.submit({ github, supersede: true, tests: ['b.spec.ts'] });
    const endOf = async (id: string) => (await getRun(s.deps, operator, id)).run.conclusion;
    expect(await endOf(older.run.run.id)).toBe('superseded');
    expect(await endOf(other.run.run.id)).toBeNull();
  });
});
