import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SubmitRun } from '../../contract/run.ts';
import type { GithubContext } from '../../contract/words.ts';
import { appVersion } from '../support/records.ts';
import { must, openScenario, operator, type Scenario } from '../support/scenario.ts';

const bundle = { sha256: 'b'.repeat(64) };
const tests = ['a.spec.ts', 'b.spec.ts'];

describe('a merge queue', () => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario('SQLite');
    agent = await s.agent(['device']);
    await s.submit();
    await s.deps.store.transaction(async (tx) => {
      await tx.accounts.insertBlob({ orgId: 'acme', sha256: bundle.sha256, sizeBytes: 1, createdAt: 0 });
      await tx.accounts.insertBlob({ orgId: 'acme', sha256: 'c'.repeat(64), sizeBytes: 1, createdAt: 0 });
      for (const [id, sha256] of [
        ['v1', 'a'.repeat(64)],
        ['v2', 'a'.repeat(64)],
        ['v3', 'd'.repeat(64)],
      ] as const)
        await tx.accounts.insertAppVersion(appVersion({ orgId: 'acme', id, sha256 }));
    });
  });
  afterEach(() => s.close());

  const submit = async (event: string, over: Partial<SubmitRun> = {}, github: Partial<GithubContext> = {}) => {
    const context = { repository: 'acme/app', repository_id: 7, head_sha: '1'.repeat(40), event, ...github };
    return (await s.submit({ tests, bundle, dedupe: false, ...over, github: context })).run;
  };
  let agent: string;
  const execute = async (outcome: 'passed' | 'flaky' | 'failed' = 'passed') => {
    const claimed = must(await s.claim(agent, 'device', 10));
    for (const { id } of claimed.jobs) await s.finish(claimed, id, outcome);
  };
  const passed = async (over: Partial<SubmitRun> = {}, github: Partial<GithubContext> = {}) => {
    const made = await submit('pull_request', over, github);
    await execute();
    return made;
  };

  test('is answered by the run that passed with the same bytes, whatever the app version is called', async () => {
    await execute();
    const source = await passed();
    const { run, jobs } = await submit('merge_group', { app_version_id: 'v2' }, { head_sha: '2'.repeat(40) });
    expect(run).toMatchObject({
      status: 'completed',
      conclusion: 'passed',
      retryOf: source.run.id,
      attempt: 1,
      reason: expect.stringContaining(source.run.id),
      counts: { total: 2, passed: 2 },
    });
    expect(jobs.map(({ job }) => job.carriedFrom)).toEqual(source.jobs.map(({ job }) => job.id));
  });

  test('is answered for some of the tests that passed, not for others', async () => {
    await execute();
    await passed();
    expect((await submit('merge_group', { tests: ['b.spec.ts'] })).run.status).toBe('completed');
    expect((await submit('merge_group', { tests: [...tests, 'c.spec.ts'] })).run.status).toBe('queued');
  });

  const others: [string, Partial<SubmitRun>, Partial<GithubContext>][] = [
    ['tests with side effects', { side_effects: true }, {}],
    ['another event', {}, { event: 'push' }],
    ['other bytes of the app', { app_version_id: 'v3' }, {}],
    ['other bytes of the tests', { bundle: { sha256: 'c'.repeat(64) } }, {}],
    ['tests whose bytes are not known', { bundle: undefined } as never, {}],
    ['an app whose bytes are not known', { app_version_id: 'v9' }, {}],
    ['another repository', {}, { repository_id: 8 }],
    ['another host', {}, { host: 'github.acme.example' }],
    ['other devices', { devices: [{ platform: 'web' }] }, {}],
    ['another project', { project: 'other' }, {}],
    ['another reset', { reset: 'none' }, {}],
  ];
  test.each(others)('is not answered for %s', async (_, over, github) => {
    await execute();
    await passed();
    const { run, jobs } = await submit('merge_group', over, github);
    expect([run.status, run.retryOf]).toEqual(['queued', null]);
    expect(jobs.map(({ job }) => job.carriedFrom)).toEqual([null, null]);
  });

  test.each(['flaky', 'failed'] as const)('is not answered by a run that was %s', async (outcome) => {
    await execute();
    await submit('pull_request');
    await execute(outcome);
    expect((await submit('merge_group')).run.status).toBe('queued');
  });

  test('of another organisation is not answered', async () => {
    await execute();
    await passed();
    const { run } = await submit('merge_group', { org_id: 'other', bundle: undefined } as never);
    expect(run.status).toBe('queued');
    expect(operator.orgId).toBeNull();
  });
});
