import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Github, type GithubOptions, startGithub } from '../support/github/github.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openSetup, register, type SetupOptions } from './setup-browser.ts';

async function start(options: GithubOptions = {}, settings: Parameters<typeof startTestServer>[0] = {}) {
  const [github, server] = await Promise.all([startGithub({ kind: 'ghes', ...options }), startTestServer(settings)]);
  onTestFinished(async () => {
    await server.stop();
    await github.stop();
  });
  return { github, server };
}

/** Where a server's files outlive it. */
const files = temporaryFolder();
function lasting() {
  const folder = mkdtempSync(files.file('server-'));
  return { database: join(folder, 'qgjob.db'), blobFolder: join(folder, 'blobs') };
}

const hostOf = (github: Github) => new URL(github.webUrl).host;
/** The App that is in GitHub's state because of a registration: the bed has one of its own from the start. */
const madeApps = (github: Github) => [...github.state.apps.values()].filter((app) => app !== github.app);
const status = async (server: TestServer) => (await server.operator.describeGithub()).body;

describe('registering a GitHub App', () => {
  test('makes an App with the permissions and events it needs, and works at once, without a restart', async () => {
    const { github, server } = await start();
    const done = await register(server, github);
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('is registered on') });
    const [made] = madeApps(github);
    expect(made).toMatchObject({
      name: 'qgjob 127.0.0.1',
      webhookUrl: `${server.url}/webhooks/github`,
      permissions: { checks: 'write', metadata: 'read', pull_requests: 'read', actions: 'read', merge_queues: 'read' },
      events: ['check_run', 'check_suite', 'pull_request', 'workflow_run', 'merge_group', 'issue_comment'],
    });
    expect(done.text).toContain(`${github.webUrl}/github-apps/${made?.slug}/installations/new`);
    const { apps, findings } = await status(server);
    expect(apps).toMatchObject([{ host: hostOf(github), app_id: made?.id, slug: made?.slug, from: 'setup' }]);
    expect(findings.find(({ check }) => check === 'key')).toMatchObject({ ok: true });
    github.expectNoViolations();
  });

  test('of an organisation goes to that organisation', async () => {
    const { github, server } = await start();
    const acme = github.account('acme', 'Organization');
    expect((await register(server, github, { organization: 'acme' })).status).toBe(200);
    expect(madeApps(github)).toMatchObject([{ owner: acme }]);
  });

  test('without merge queues asks for nothing that an older GitHub Enterprise Server would refuse', async () => {
    const { github, server } = await start();
    expect((await register(server, github, { merge_queue: '' })).status).toBe(200);
    const [made] = madeApps(github);
    expect(made?.permissions).not.toHaveProperty('merge_queues');
    expect(made?.events).not.toContain('merge_group');
    const { findings } = await status(server);
    expect(findings.filter(({ check, ok }) => !ok && (check === 'permissions' || check === 'events'))).toEqual([]);
  });
});

describe('an address of GitHub', () => {
  test.each([
    ['github.com', 'https://github.com/settings/apps/new'],
    ['https://www.github.com/', 'https://github.com/settings/apps/new'],
    ['acme.ghe.com', 'https://acme.ghe.com/settings/apps/new'],
    ['https://github.acme.example', 'https://github.acme.example/settings/apps/new'],
    ['github.acme.example:8443', 'https://github.acme.example:8443/settings/apps/new'],
  ])('%s is sent the form at %s, and the page may send it nowhere else', async (address, action) => {
    const { server } = await start({}, { publicUrl: 'https://qgjob.acme.example' });
    const page = await (await openSetup(server)).begin({ address });
    expect(page.action.startsWith(`${action}?state=`)).toBe(true);
    expect(page.policy).toContain(`form-action ${new URL(action).origin} 'self'`);
    expect(page.policy).toContain("default-src 'none'");
    expect(JSON.parse(page.manifest)).toMatchObject({
      public: false,
      redirect_url: 'https://qgjob.acme.example/github/setup/callback',
      hook_attributes: { url: 'https://qgjob.acme.example/webhooks/github' },
    });
  });

  test.each([
    ['http://github.acme.example', 'Use https'],
    ['https://me:secret@github.acme.example', 'Leave the name and the password out'],
    ['https://github.acme.example/login', 'without anything behind the host'],
    ['javascript:alert(1)', 'Write the address'],
    ['', 'Write the address'],
  ])('%s is refused: %s', async (address, why) => {
    const { server } = await start();
    const page = await (await openSetup(server)).begin({ address });
    expect(page).toMatchObject({ status: 422, text: expect.stringContaining(why) });
  });

  test('that could not reach this server is refused on github.com, and warned of elsewhere', async () => {
    const { github, server } = await start();
    const setup = await openSetup(server);
    expect(await setup.begin({ address: 'github.com' })).toMatchObject({
      status: 422,
      text: expect.stringContaining('QGJOB_PUBLIC_URL'),
    });
    expect((await setup.begin({ address: github.webUrl })).text).toContain('can reach it, or set QGJOB_PUBLIC_URL');
  });

  test('takes no organisation that is more than a name', async () => {
    const { github, server } = await start();
    const page = await (await openSetup(server)).begin({ address: github.webUrl, organization: 'acme/../../x' });
    expect(page).toMatchObject({ status: 422 });
  });
});

describe('the state of a registration', () => {
  /** As far as GitHub sending the browser back. */
  async function begun(options: SetupOptions = {}) {
    const { github, server } = await start();
    const setup = await openSetup(server);
    const back = await setup.submit(await setup.begin({ address: github.webUrl, ...options }));
    return { github, server, setup, back };
  }

  test('is good once', async () => {
    const { server, setup, back } = await begun();
    expect((await setup.visit(back)).status).toBe(200);
    expect(await setup.visit(back)).toMatchObject({ status: 403, text: expect.stringContaining('setup_refused') });
    expect((await status(server)).apps).toHaveLength(1);
  });

  test('that nobody gave out is refused, and GitHub is not asked', async () => {
    const { github, setup, back } = await begun();
    back.searchParams.set('state', 'f'.repeat(32));
    expect((await setup.visit(back)).status).toBe(403);
    expect(github.requests).toEqual([]);
  });

  test('is good in the browser that began it alone, and used up by any other', async () => {
    const { github, server, setup, back } = await begun();
    const other = await openSetup(server);
    expect((await other.visit(back)).status).toBe(403);
    expect((await setup.visit(back)).status).toBe(403);
    expect(github.requests).toEqual([]);
  });

  test('is no good to the administrator of an organisation', async () => {
    const { server, setup, back } = await begun();
    const admin = (await server.org()).keys.admin;
    expect((await setup.visit(back, admin)).status).toBe(403);
    expect((await status(server)).apps).toEqual([]);
  });

  test('is refused when its host has got an App meanwhile, and the code is left alone', async () => {
    const { github, server, setup, back } = await begun();
    expect((await register(server, github)).status).toBe(200);
    const asked = github.requests.length;
    expect(await setup.visit(back)).toMatchObject({ status: 409, text: expect.stringContaining('qgjob github reset') });
    expect(github.requests).toHaveLength(asked);
  });

  test('with a code that GitHub does not know says what to do, without the code', async () => {
    const { setup, back } = await begun();
    back.searchParams.set('code', 'c0de'.repeat(10));
    const refused = await setup.visit(back);
    expect(refused).toMatchObject({ status: 502, text: expect.stringContaining('does not know the code') });
    expect(refused.text).not.toContain('c0dec0de');
  });

  test('with a GitHub that fails says so, without the code', async () => {
    const { github, setup, back } = await begun();
    github.faults.outage({ kind: 'status', status: 503 });
    const refused = await setup.visit(back);
    expect(refused).toMatchObject({ status: 502, text: expect.stringContaining('503') });
    expect(refused.text).not.toContain(back.searchParams.get('code'));
  });
});

describe('the form', () => {
  test('sent by another site is refused, whatever it knows', async () => {
    const { github, server } = await start();
    const setup = await openSetup(server);
    const form = { address: github.webUrl };
    expect((await setup.begin({ ...form, form_token: '' })).status).toBe(403);
    expect((await setup.begin({ ...form, form_token: 'f'.repeat(64) })).status).toBe(403);
    expect((await setup.begin(form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await setup.begin(form, { cookie: '' })).status).toBe(403);
    const stranger = await openSetup(server);
    expect((await setup.begin(form, { cookie: stranger.cookie })).status).toBe(403);
    expect((await setup.begin(form)).status).toBe(200);
  });

  test("is the operator's alone", async () => {
    const { server } = await start();
    const { keys } = await server.org();
    for (const path of ['/github/setup', '/github/setup/callback?code=a&state=b', '/v1/github']) {
      expect((await fetch(server.url + path)).status).toBe(401);
      expect((await server.fetch(path, { headers: { authorization: `Bearer ${keys.admin}` } })).status).toBe(403);
    }
    const options = { method: 'POST', headers: { authorization: `Bearer ${keys.admin}` } };
    expect((await server.fetch('/v1/github/apps/github.com/reopen', options)).status).toBe(403);
  });

  test('has a cookie that no script reads and no other site sends along', async () => {
    const { server } = await start({}, { publicUrl: 'https://qgjob.acme.example' });
    const answer = await server.fetch('/github/setup');
    expect(answer.headers.get('set-cookie')).toMatch(
      /^qgjob_setup=[0-9a-f]{32}; Path=\/github\/setup; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/,
    );
  });
});

describe('a host that has its App', () => {
  test('takes no other until the operator says so, and then one, after it is confirmed', async () => {
    const { github, server } = await start();
    await register(server, github);
    const [first] = madeApps(github);
    const closed = await register(server, github);
    expect(closed).toMatchObject({ status: 409, text: expect.stringContaining('qgjob github reset --host=') });

    const reopened = await server.operator.reopenGithubApp({ params: { host: hostOf(github) } });
    expect(reopened.body).toMatchObject({ app_id: first?.id, reopened_until: expect.any(String) });
    expect(await register(server, github)).toMatchObject({ status: 409, text: expect.stringContaining('tick') });
    expect((await status(server)).apps).toMatchObject([{ app_id: first?.id }]);

    expect((await register(server, github, { replaces: 'yes' })).status).toBe(200);
    const second = madeApps(github)[1];
    expect((await status(server)).apps).toMatchObject([{ app_id: second?.id, reopened_until: null }]);
    expect((await register(server, github, { replaces: 'yes' })).status).toBe(409);
  });

  test('is without one after it was removed', async () => {
    const { github, server } = await start();
    await register(server, github);
    const params = { host: hostOf(github) };
    await server.operator.removeGithubApp({ params });
    expect((await status(server)).apps).toEqual([]);
    await expect(server.operator.removeGithubApp({ params })).rejects.toMatchObject({ code: 'not_found' });
    await expect(server.operator.reopenGithubApp({ params })).rejects.toMatchObject({ code: 'not_found' });
    expect((await register(server, github)).status).toBe(200);
  });

  test('by the settings has that one, whatever is registered', async () => {
    const github = await startGithub({ kind: 'ghes' });
    onTestFinished(() => github.stop());
    const { server } = await start(
      {},
      {
        github: {
          appId: github.app.id,
          privateKey: github.keys.privateKey,
          webhookSecrets: [github.app.webhookSecret],
          apiUrl: github.apiUrl,
        },
      },
    );
    expect(await register(server, github)).toMatchObject({
      status: 409,
      text: expect.stringContaining('GITHUB_APP_ID'),
    });
    expect((await status(server)).apps).toMatchObject([{ app_id: github.app.id, from: 'settings' }]);
    const params = { host: hostOf(github) };
    await expect(server.operator.removeGithubApp({ params })).rejects.toMatchObject({ code: 'github_app_exists' });
  });
});

describe('what is kept', () => {
  test('holds neither the private key nor the webhook secret in the open, in any file', async () => {
    const { github, server } = await start();
    await register(server, github);
    const [made] = madeApps(github);
    const folder = dirname(server.settings.database);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name));
      expect(bytes.includes('PRIVATE KEY')).toBe(false);
      expect(bytes.includes(made?.webhookSecret ?? '-')).toBe(false);
    }
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(await status(server))).not.toMatch(/PRIVATE|secret_|sealed|v1\./);
  });

  test('is told as unreadable to an operator who lost the key, and everything else is served', async () => {
    const github = await startGithub({ kind: 'ghes' });
    onTestFinished(() => github.stop());
    const kept = lasting();
    const first = await startTestServer(kept);
    await register(first, github);
    await first.stop();
    const second = await startTestServer({ ...kept, secretKey: Buffer.alloc(32, 1) });
    onTestFinished(() => second.stop());
    const { findings } = await status(second);
    expect(findings.find(({ check }) => check === 'secrets')).toMatchObject({
      ok: false,
      advice: expect.stringContaining('QGJOB_SECRET_KEY'),
    });
    expect((await second.operator.livez()).status).toBe(200);
    await second.operator.removeGithubApp({ params: { host: hostOf(github) } });
    expect((await status(second)).apps).toEqual([]);
  });
});

describe('a server that is stopped', () => {
  test('between form and answer goes on with the registration, and keeps the App over further restarts', async () => {
    const github = await startGithub({ kind: 'ghes' });
    onTestFinished(() => github.stop());
    const kept = { ...lasting(), publicUrl: 'http://127.0.0.1:9' };
    const first = await startTestServer(kept);
    const setup = await openSetup(first);
    const back = await setup.submit(await setup.begin({ address: github.webUrl }));
    await first.stop();

    const second = await startTestServer(kept);
    expect((await setup.at(second).visit(back)).status).toBe(200);
    await second.stop();

    const third = await startTestServer(kept);
    onTestFinished(() => third.stop());
    expect((await status(third)).findings.find(({ check }) => check === 'key')).toMatchObject({ ok: true });
  });
});
