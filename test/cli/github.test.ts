import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { register } from '../http/setup-browser.ts';
import { type Github, startGithub } from '../support/github/github.ts';
import type { App } from '../support/github/state.ts';
import { operatorKey, startTestServer, type TestServer } from '../support/server.ts';
import { qgjob } from './support/cli.ts';

let server: TestServer;
let github: Github;
let app: App;
beforeAll(async () => {
  [server, github] = await Promise.all([startTestServer(), startGithub({ kind: 'ghes' })]);
  await register(server, github);
  const made = [...github.state.apps.values()].find((one) => one !== github.app);
  if (!made) throw new Error('no App was made');
  app = made;
});
afterAll(async () => {
  await server?.stop();
  await github?.stop();
});

const run = (...args: string[]) =>
  qgjob(args, { env: { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: operatorKey, NO_COLOR: '1' } });
const host = () => new URL(github.webUrl).host;

test('github says that nobody has installed the App, with the address where to', async () => {
  const { code, stdout } = await run('github');
  expect(code).toBe(2);
  expect(stdout).toContain(`✓ ${host()} key: ${host()} knows the key as that of ${app.slug}`);
  expect(stdout).toContain(`✗ ${host()} installations: No account has installed the App.`);
  expect(stdout).toContain(`Install it: ${github.webUrl}/github-apps/${app.slug}/installations/new`);
});

test('github finds everything well once it is installed, in a repository too, and so does doctor', async () => {
  const shop = github.repository('acme/shop');
  const installation = github.install(app, [shop]);
  const status = await run('github', 'status', '--repository=acme/shop');
  expect(status).toMatchObject({ code: 0, stderr: '' });
  expect(status.stdout).not.toContain('✗');
  expect(status.stdout).toContain('installed by acme (some repositories)');
  expect(status.stdout).toContain('installed on acme/shop');
  const doctor = await run('doctor', '--work-dir', join(tmpdir(), 'qgjob-test-browser'));
  expect(doctor.stdout).toContain(`✓ ${host()} webhook url: ${server.url}/webhooks/github`);

  github.repository('acme/other');
  expect((await run('github', 'status', '--repository=acme/other')).stdout).toContain('✗');
  github.suspend(installation);
  const suspended = await run('github', 'status', '--repository=acme/shop');
  expect(suspended.stdout).toContain('suspended on acme/shop');
  expect(suspended.code).toBe(2);
  github.unsuspend(installation);
});

test('github names each thing that was changed on GitHub, and what to do about it', async () => {
  const before = { permissions: app.permissions, events: app.events, webhookUrl: app.webhookUrl };
  app.permissions = { metadata: 'read', checks: 'read', pull_requests: 'read' };
  app.events = ['check_run', 'pull_request'];
  app.webhookUrl = 'http://127.0.0.1:9/elsewhere';
  const { stdout } = await run('github');
  expect(stdout).toContain('lacks checks: write, actions: read.');
  expect(stdout).toContain('is not told of check_suite, workflow_run, issue_comment.');
  expect(stdout).toContain(`sends webhooks to http://127.0.0.1:9/elsewhere, not to ${server.url}/webhooks/github.`);
  Object.assign(app, before);
});

test('github tells of webhooks that did not arrive, until they have', async () => {
  const webhookUrl = app.webhookUrl;
  app.webhookUrl = 'http://127.0.0.1:9/webhooks/github';
  const shop = github.repository('acme/lost');
  github.install(app, github.account('acme'), { id: 77 });
  const sent = await github.send(github.webhooks(app).pullRequest('opened', github.openPullRequest(shop)));
  app.webhookUrl = webhookUrl;
  expect((await run('github')).stdout).toMatch(/✗ .* deliveries: 1 of the last 1 did not arrive, the latest did not/);
  expect(sent.statusCode).not.toBe(202);
});

test('github tells of a clock that is off, and of a key that GitHub no longer takes', async () => {
  github.shiftClock(120_000);
  expect((await run('github')).stdout).toMatch(/✗ .* clock: The server's clock is 1(19|20|21) s behind/);
  github.shiftClock(-120_000);
  const keys = app.publicKeys;
  app.publicKeys = github.app.publicKeys;
  const { code, stdout } = await run('github');
  expect(code).toBe(2);
  expect(stdout).toMatch(/✗ .* key: .* does not take the App's key \(GET \/app: 401/);
  expect(stdout).toContain(`qgjob github reset --host=${host()}`);
  app.publicKeys = keys;
});

test('github reset reopens the registration, and with --remove ends the App', async () => {
  const reopened = await run('github', 'reset', `--host=${host()}`);
  expect(reopened).toMatchObject({ code: 0, stderr: '' });
  expect(reopened.stdout).toContain(`may be replaced: ${server.url}/github/setup`);
  expect((await run('github', 'reset')).stderr).toContain('--host is missing');
  expect(await run('github', 'reset', '--remove', `--host=${host()}`)).toMatchObject({ code: 0 });
  const { code, stdout } = await run('github');
  expect(code).toBe(2);
  expect(stdout).toContain('No GitHub App is registered');
  expect(stdout).toContain(`Open ${server.url}/github/setup in a browser`);
});

test("github is the operator's alone, and doctor of anyone else leaves it out", async () => {
  const { keys } = await server.org();
  const env = { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: keys.admin };
  expect(await qgjob(['github'], { env })).toMatchObject({ code: 4, stderr: expect.stringContaining('operator') });
  const doctor = await qgjob(['doctor', '--work-dir', join(tmpdir(), 'qgjob-test-browser')], { env });
  expect(doctor.stdout).not.toContain('github');
});
