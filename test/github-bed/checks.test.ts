import { describe, expect, test } from 'vitest';
import { annotations, appJwt, ask, head, installationToken, shop } from './support/client.ts';

const output = (count: number) => ({ output: { title: 'T', summary: 'S', annotations: annotations(count) } });

describe('check runs', () => {
  test('collect the annotations of every write, and list them in pages', async () => {
    const { github, post, patch, ask: inShop } = await shop();
    const { body } = await post({ status: 'in_progress', ...output(50) });
    await patch(body.id, output(50));
    const last = await patch(body.id, { conclusion: 'failure', ...output(7) });
    expect(last.body).toMatchObject({ status: 'completed', conclusion: 'failure', output: { annotations_count: 107 } });
    const first = await inShop(`/check-runs/${body.id}/annotations?per_page=100`);
    const second = await inShop(`/check-runs/${body.id}/annotations?per_page=100&page=2`);
    expect([first.list.length, second.list.length]).toEqual([100, 7]);
    expect(first.headers.get('link')).toContain('page=2>; rel="next"');
    expect(second.headers.get('link')).toBeNull();
    expect(github.checkRuns()[0]?.history.map((one) => [one.status, one.annotations])).toEqual([
      ['in_progress', 50],
      ['in_progress', 100],
      ['completed', 107],
    ]);
    github.expectNoViolations();
  });

  test('keep what a later write leaves out', async () => {
    const { post, patch, ask: inShop } = await shop();
    const { body } = await post({ external_id: 'run_1:1', details_url: 'http://qgjob.test/runs/1', ...output(1) });
    await patch(body.id, { status: 'in_progress' });
    expect((await inShop(`/check-runs/${body.id}`)).body).toMatchObject({
      external_id: 'run_1:1',
      details_url: 'http://qgjob.test/runs/1',
      status: 'in_progress',
      output: { title: 'T', summary: 'S', annotations_count: 1 },
    });
  });

  test('have ids beyond 32 bits', async () => {
    const { post } = await shop();
    expect(Number((await post({})).body.id)).toBeGreaterThan(2 ** 32);
  });

  test('need a commit that the repository knows', async () => {
    const { github, post } = await shop();
    const { status, body } = await post({ head_sha: 'f'.repeat(40) });
    expect([status, body.message]).toEqual([422, `No commit found for SHA: ${'f'.repeat(40)}`]);
    github.expectNoViolations();
  });

  test('of one App on one commit share a suite, and of two Apps do not', async () => {
    const { github, repository, post, ask: inShop } = await shop();
    const first = await post({ name: 'one' });
    const second = await post({ name: 'two' });
    expect(second.body.check_suite).toEqual(first.body.check_suite);
    const other = { ...github.app, id: 12, slug: 'other', clientId: 'other' };
    github.state.apps.set(other.id, other);
    const installation = github.install(other, [repository]);
    const jwt = await appJwt(github, { iss: '12' });
    const minted = await ask(`${github.apiUrl}/app/installations/${installation.id}/access_tokens`, {
      method: 'POST',
      token: jwt,
    });
    const foreign = await inShop('/check-runs', {
      method: 'POST',
      token: String(minted.body.token),
      body: { name: 'one', head_sha: head(repository) },
    });
    expect(foreign.status).toBe(201);
    expect(foreign.body.check_suite).not.toEqual(first.body.check_suite);
    const changed = await inShop(`/check-runs/${foreign.body.id}`, { method: 'PATCH', body: { status: 'queued' } });
    expect([changed.status, String(changed.body.message)]).toEqual([403, expect.stringContaining('Invalid app_id')]);
  });

  test('are left alone by a rerequest, which resets their suite', async () => {
    const { github, post, ask: inShop } = await shop();
    const { body } = await post({ conclusion: 'failure', ...output(1) });
    const suiteId = (body.check_suite as { id: number }).id;
    const before = await inShop(`/check-runs/${body.id}`);
    expect((await inShop(`/check-suites/${suiteId}`)).body).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
    });
    expect((await inShop(`/check-runs/${body.id}/rerequest`, { method: 'POST' })).status).toBe(201);
    expect((await inShop(`/check-runs/${body.id}`)).body).toEqual(before.body);
    expect((await inShop(`/check-suites/${suiteId}`)).body).toMatchObject({ status: 'queued', conclusion: null });
    github.expectNoViolations();
  });

  test('are listed by commit and by suite, the newest of each name unless all are asked for', async () => {
    const { github, repository, sha, post, ask: inShop } = await shop();
    const old = await post({ name: 'one' });
    const young = await post({ name: 'one' });
    await post({ name: 'two', status: 'in_progress' });
    const suiteId = (old.body.check_suite as { id: number }).id;
    const names = async (path: string) =>
      ((await inShop(path)).body.check_runs as { name: string; id: number }[]).map(({ name, id }) => [name, id]);
    expect(await names(`/commits/${sha}/check-runs?check_name=one`)).toEqual([['one', young.body.id]]);
    expect(await names(`/commits/main/check-runs?check_name=one`)).toEqual([['one', young.body.id]]);
    expect(await names(`/commits/${sha}/check-runs?filter=all&check_name=one`)).toHaveLength(2);
    expect(await names(`/check-suites/${suiteId}/check-runs`)).toHaveLength(2);
    expect(await names(`/commits/${sha}/check-runs?status=in_progress&app_id=${github.app.id}`)).toHaveLength(1);
    const other = github.push(repository);
    expect(await names(`/commits/${other}/check-runs`)).toEqual([]);
    github.expectNoViolations();
  });

  test('name their own pull requests, and a fork’s not, though its commit is known', async () => {
    const { github, repository, post, ask: inShop } = await shop();
    const own = github.openPullRequest(repository);
    const fork = github.repository('mallory/shop', { forkOf: repository });
    const foreign = github.openPullRequest(repository, { from: fork });
    const onOwn = await post({ head_sha: own.headSha });
    const onForeign = await post({ head_sha: foreign.headSha });
    expect(onOwn.body.pull_requests).toMatchObject([{ number: own.number }]);
    expect(onForeign.body.pull_requests).toEqual([]);
    const suite = await inShop(`/check-suites/${(onForeign.body.check_suite as { id: number }).id}`);
    expect(suite.body).toMatchObject({ head_branch: null, pull_requests: [] });
    expect((await inShop(`/commits/${foreign.headSha}/pulls`)).list).toMatchObject([{ number: foreign.number }]);
    github.expectNoViolations();
  });

  test('are written by Apps alone: not by a person, not without checks:write, not elsewhere', async () => {
    const { github, installation, sha, ask: inShop } = await shop();
    const write = (token: string, repo = 'acme/shop') =>
      ask(`${github.apiUrl}/repos/${repo}/check-runs`, { method: 'POST', token, body: { name: 'e2e', head_sha: sha } });
    github.repository('acme/other');
    github.repository('acme/hidden', { private: true });
    const token = await installationToken(github, installation);
    const reader = await installationToken(github, installation, { permissions: { checks: 'read' } });
    expect((await write(github.personalToken())).status).toBe(403);
    expect((await write(reader)).status).toBe(403);
    expect((await write(await appJwt(github))).status).toBe(403);
    expect((await write(token, 'acme/other')).status).toBe(403);
    expect((await write(token, 'acme/hidden')).status).toBe(404);
    expect((await write(token, 'acme/none')).status).toBe(404);
    expect((await inShop('/check-runs/1', { token: reader })).status).toBe(404);
    expect((await inShop('/pulls', { token: reader })).status).toBe(403);
    expect(github.checkRuns()).toEqual([]);
    github.expectNoViolations();
  });
});
