import { expect, onTestFinished, test } from 'vitest';
import { type Github, startGithub } from '../support/github/github.ts';
import type { Repository } from '../support/github/state.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { register } from './setup-browser.ts';
import { submission } from './work.ts';

async function start(withApp: boolean): Promise<{ github: Github; server: TestServer; shop: Repository }> {
  const github = await startGithub({ kind: 'ghes' });
  const { app, apiUrl, keys } = github;
  const settings = {
    appId: app.id,
    privateKey: keys.privateKey,
    webhookSecrets: [app.webhookSecret],
    apiUrl,
  };
  const server = await startTestServer(withApp ? { github: settings } : {});
  onTestFinished(async () => {
    await server.stop();
    await github.stop();
  });
  return { github, server, shop: github.repository('acme/shop') };
}

function commitOf(github: Github, shop: Repository) {
  const head_sha = shop.branches.get('main') ?? '';
  return { host: new URL(github.webUrl).host, repository: 'acme/shop', repository_id: shop.id, head_sha };
}

/** The run as soon as its check run stands as asked. */
async function until(server: TestServer, id: string, status: string) {
  return expect
    .poll(async () => (await server.operator.getRun({ params: { id } })).body.check, { timeout: 10_000 })
    .toMatchObject({ status });
}

test('a run on a server without a GitHub App says so once, and runs like any other', async () => {
  const { github, server, shop } = await start(false);
  const org = await server.org();
  const { status, body } = await org.submit.submitRun({ body: submission(org.id, { github: commitOf(github, shop) }) });
  expect(status).toBe(201);
  expect(body.status).toBe('queued');
  expect(body.check).toEqual({
    status: 'unpostable',
    url: null,
    reason: expect.stringContaining('had no GitHub App on 127.0.0.1:'),
  });
  const page = await (await server.fetch(`/runs/${body.id}`)).text();
  expect(page.match(/had no GitHub App on/g)).toHaveLength(1);
  const report = await (await server.fetch(`/v1/runs/${body.id}/report.json`)).json();
  expect(report).toMatchObject({ run: { check: { status: 'unpostable' } } });
});

test('a run that names no commit has no check run to speak of', async () => {
  const { server } = await start(false);
  const org = await server.org();
  expect((await org.submit.submitRun({ body: submission(org.id) })).body.check).toBeNull();
});

test('a run of a repository where the App is not installed says that, and of one where it is, where its check run is', async () => {
  const { github, server, shop } = await start(true);
  const org = await server.org();
  const { body: run } = await org.submit.submitRun({ body: submission(org.id, { github: commitOf(github, shop) }) });
  expect(run.check).toEqual({ status: 'pending', url: null, reason: null });
  await until(server, run.id, 'unpostable');
  const { body } = await server.operator.getRun({ params: { id: run.id } });
  expect(body.check?.reason).toContain('not installed');

  const other = github.repository('acme/other');
  github.install(github.app, [other]);
  const { body: second } = await org.submit.submitRun({
    body: submission(org.id, { github: { ...commitOf(github, other), repository: 'acme/other' } }),
  });
  await until(server, second.id, 'posted');
  const [posted] = github.checkRuns(other);
  const { body: after } = await server.operator.getRun({ params: { id: second.id } });
  expect(after.check?.url).toMatch(new RegExp(`/acme/other/runs/${posted?.id}$`));
  github.expectNoViolations();
});

test('an App that is registered while the server runs posts the very next run, and one that was removed posts none', async () => {
  const { github, server, shop } = await start(false);
  const org = await server.org();
  await register(server, github);
  const submit = async (test: string) => {
    const body = submission(org.id, { tests: [test], github: commitOf(github, shop) });
    return (await org.submit.submitRun({ body })).body.check?.status;
  };
  expect(await submit('a.spec.ts')).toBe('pending');
  await server.operator.removeGithubApp({ params: { host: new URL(github.webUrl).host } });
  expect(await submit('b.spec.ts')).toBe('unpostable');
});
