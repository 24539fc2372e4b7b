import { describe, expect, test } from 'vitest';
import { must } from '../support/scenario.ts';
import { openPublishing, type Publishing } from './publishing.ts';

const createRoute = 'POST /repos/{owner}/{repo}/check-runs';
const updateRoute = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
const mintRoute = 'POST /app/installations/{installation_id}/access_tokens';

/** A run with 120 failing tests, told to the end: one check run, each annotation once. */
async function tellAll(p: Publishing): Promise<void> {
  const run = await p.post(p.shop());
  await p.fail(run, 120);
  await p.settle([run]);
  const all = p.github.checkRuns();
  expect(all.map(({ status, conclusion }) => [status, conclusion])).toEqual([['completed', 'failure']]);
  expect(all[0]?.annotations.map(({ start_line }) => start_line)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  expect(await p.note(run)).toMatchObject({ state: 'open', uncertain: false, attempts: 0, lastError: null });
  p.github.expectNoViolations();
}

describe('a write whose answer is lost', () => {
  test.each([
    ['the creation', createRoute, 0],
    ['the second part', updateRoute, 0],
    ['the last part', updateRoute, 1],
  ])('is not repeated when GitHub carried it out: %s', async (_, route, after) => {
    for (const kind of ['reset', 'hang'] as const) {
      const p = await openPublishing({ timeoutMs: 300 });
      p.github.faults.arm({ kind, committed: true }, { route, after });
      await tellAll(p);
    }
  });

  test.each([
    ['the creation', createRoute, 0],
    ['the second part', updateRoute, 0],
    ['the last part', updateRoute, 1],
  ])('is repeated when GitHub did not: %s', async (_, route, after) => {
    const p = await openPublishing();
    p.github.faults.arm({ kind: 'reset' }, { route, after });
    await tellAll(p);
  });

  test.each([true, false])('is looked up after a 502 as well (carried out: %s)', async (committed) => {
    const p = await openPublishing();
    p.github.faults.arm({ kind: 'status', status: 502, committed }, { route: createRoute });
    p.github.faults.arm({ kind: 'status', status: 503, committed }, { route: updateRoute });
    await tellAll(p);
  });

  test('is looked up until that can be answered', async () => {
    const p = await openPublishing();
    p.github.faults.arm({ kind: 'reset', committed: true }, { route: createRoute });
    p.github.faults.arm(
      { kind: 'status', status: 500 },
      { route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', times: 4 },
    );
    p.github.faults.arm({ kind: 'reset', committed: true }, { route: updateRoute });
    p.github.faults.arm({ kind: 'reset' }, { route: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}', times: 3 });
    await tellAll(p);
  });
});

describe('a limit', () => {
  test.each([
    ['with retry-after', { kind: 'secondary-limit', retryAfterSeconds: 90 }],
    ['of 429', { kind: 'secondary-limit', status: 429, retryAfterSeconds: 7 }],
    ['without retry-after', { kind: 'secondary-limit' }],
    ['that is exhausted', { kind: 'primary-limit', resetInMs: 300_000 }],
  ] as const)('%s is obeyed: nothing of that installation is written before', async (_, fault) => {
    const p = await openPublishing();
    const repository = p.shop();
    const others = [];
    p.github.faults.arm(fault, { route: createRoute });
    p.github.faults.arm(fault, { route: updateRoute, times: 2 });
    for (let i = 0; i < 3; i++) others.push(await p.post(repository, { check_name: `other ${i}` }));
    await tellThree(p, others);
    expect(p.github.tooEarly()).toHaveLength(0);
  });

  async function tellThree(p: Publishing, runs: string[]): Promise<void> {
    await p.settle(runs);
    const agent = await p.agent(['d']);
    const claimed = must(await p.claim(agent, 'd', 9));
    for (const { id } of claimed.jobs) await p.finish(claimed, id, 'failed');
    await p.settle(runs);
    expect(p.github.checkRuns().map(({ conclusion, annotations }) => [conclusion, annotations.length])).toEqual(
      runs.map(() => ['failure', 1]),
    );
    p.github.expectNoViolations();
  }

  test('is remembered by a server that starts anew', async () => {
    const p = await openPublishing();
    p.github.faults.arm({ kind: 'secondary-limit', retryAfterSeconds: 600 }, { route: createRoute });
    const run = await p.post(p.shop());
    await p.round();
    const { publisher } = await p.server();
    for (let i = 0; i < 9; i++) {
      await publisher.begin();
      await publisher.idle();
      p.pass(60_000);
    }
    expect(p.github.tooEarly()).toEqual([]);
    expect(p.github.checkRuns()).toEqual([]);
    await p.settle([run]);
    expect([p.github.tooEarly().length, p.github.checkRuns().length]).toEqual([0, 1]);
  });
});

describe('a token', () => {
  test('that GitHub does not know for three seconds delays and nothing more', async () => {
    const p = await openPublishing({ bed: { tokens: { replicationMs: 3_000 } } });
    await tellAll(p);
    expect(p.github.requests.filter(({ route }) => route === mintRoute)).toHaveLength(1);
    expect(p.troubles).toEqual([]);
  });

  test('that expires while a run runs is replaced before', async () => {
    const p = await openPublishing({ bed: { tokens: { lifetimeMs: 3_600_000 } } });
    const run = await p.post(p.shop());
    await p.settle([run]);
    p.pass(3_500_000);
    await p.fail(run, 120);
    await p.settle([run]);
    expect(p.github.checkRuns()).toMatchObject([{ conclusion: 'failure', annotations: { length: 120 } }]);
    expect(p.troubles).toEqual([]);
    p.github.expectNoViolations();
  });
});

describe('a refusal', () => {
  test('for what was sent is told once and not repeated, and the lane goes on', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const bad = await p.post(repository, { head_sha: 'f'.repeat(40) });
    const good = await p.post(repository);
    await p.settle([bad, good]);
    for (let i = 0; i < 50; i++) {
      await p.round();
      p.pass(60_000);
    }
    expect(p.troubles).toEqual([expect.stringContaining('failed: POST')]);
    expect(await p.note(bad)).toMatchObject({ state: 'failed', lastError: expect.stringContaining('No commit found') });
    expect(p.github.requests.filter(({ route }) => route === createRoute)).toHaveLength(2);
    expect(p.github.checkRuns()).toMatchObject([{ externalId: `${good}:1` }]);
  });

  test('of one request again and again holds up no other of its lane', async () => {
    const p = await openPublishing();
    const repository = p.shop();
    const first = await p.post(repository);
    p.github.faults.arm({ kind: 'status', status: 500 }, { route: createRoute, times: 1 });
    await p.round();
    const second = await p.post(repository);
    await p.settle([second]);
    expect(p.github.checkRuns().map(({ externalId }) => externalId)).toContain(`${second}:1`);
    await p.settle([first]);
    expect(p.github.checkRuns()).toHaveLength(2);
  });
});

describe('two servers on one database', () => {
  test('write each thing once, one at a time for an installation, a second apart', async () => {
    const p = await openPublishing({ engine: 'Postgres', timeoutMs: 5_000 });
    const servers = [p.publisher, ...(await Promise.all([p.server(), p.server()])).map(({ publisher }) => publisher)];
    const runs: string[] = [];
    for (const name of ['a/shop', 'b/shop', 'c/shop']) {
      const repository = p.shop(p.github, name);
      for (let i = 0; i < 4; i++) runs.push(await p.post(repository, { check_name: `check ${i}` }));
    }
    await p.fail(must(runs[0]), 120);
    for (let i = 0; i < 60; i++) {
      await Promise.all(servers.map((each) => each.begin()));
      await Promise.all(servers.map((each) => each.idle()));
      p.pass(250);
    }
    const all = p.github.checkRuns();
    expect(all.map(({ externalId }) => externalId).sort()).toEqual(runs.map((run) => `${run}:1`).sort());
    expect(all.find(({ conclusion }) => conclusion !== null)?.annotations).toHaveLength(120);
    for (const { id } of p.github.state.installations.values()) {
      expect(p.github.pace(id)).toMatchObject({ mostAtOnce: 1 });
      expect(p.github.pace(id).smallestGapMs).toBeGreaterThanOrEqual(1_000);
    }
    p.github.expectNoViolations();
  });

  test('do not both write when one stops in the middle: the other finds out first', async () => {
    const p = await openPublishing({ engine: 'Postgres', timeoutMs: 60_000 });
    const run = await p.post(p.shop());
    p.github.faults.arm({ kind: 'hang', committed: true }, { route: createRoute });
    await p.publisher.begin();
    await expect.poll(() => p.github.checkRuns().length).toBe(1);
    const { publisher: other } = await p.server();
    await other.begin();
    await other.idle();
    expect(p.github.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
    p.pass(90_000);
    await other.begin();
    await other.idle();
    expect(p.github.checkRuns()).toHaveLength(1);
    expect(await p.note(run)).toMatchObject({ dueAt: null, uncertain: false });
  });
});
