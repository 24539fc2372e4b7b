import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Github } from '../support/github/github.ts';
import { appJwt, ask, github } from './support/client.ts';

const manifest = {
  name: 'Our qgjob',
  url: 'https://qgjob.test',
  hook_attributes: { url: 'https://qgjob.test/webhooks/github' },
  redirect_url: 'https://qgjob.test/github/setup/done',
  default_permissions: { checks: 'write', pull_requests: 'read' },
  default_events: ['check_run', 'pull_request'],
};

async function submit(on: Github, changes: object = {}, path = '/settings/apps/new?state=abc') {
  const body = new URLSearchParams({ manifest: JSON.stringify({ ...manifest, ...changes }) });
  const response = await fetch(on.webUrl + path, { method: 'POST', body, redirect: 'manual' });
  const location = response.headers.get('location');
  return { status: response.status, text: await response.text(), back: location === null ? null : new URL(location) };
}

const convert = (on: Github, code: string | null | undefined) =>
  ask(`${on.apiUrl}/app-manifests/${code}/conversions`, { method: 'POST' });

describe('the manifest flow', () => {
  test('comes back with code and state, and the code is good for one App, once', async () => {
    const on = await github();
    const { status, back } = await submit(on);
    expect([status, back?.origin, back?.pathname, back?.searchParams.get('state')]).toEqual([
      302,
      'https://qgjob.test',
      '/github/setup/done',
      'abc',
    ]);
    const code = back?.searchParams.get('code');
    const { status: made, body } = await convert(on, code);
    expect(made).toBe(201);
    expect(body).toMatchObject({
      name: 'Our qgjob',
      slug: 'our-qgjob',
      permissions: { checks: 'write', metadata: 'read' },
      webhook_secret: expect.stringMatching(/^[0-9a-f]{40}$/),
      pem: expect.stringMatching(/^-----BEGIN RSA PRIVATE KEY-----\n/),
    });
    expect((await convert(on, code)).status).toBe(404);
    const key = createPrivateKey(String(body.pem)).export({ type: 'pkcs8', format: 'pem' }).toString();
    const me = await ask(`${on.apiUrl}/app`, { token: await appJwt(on, { iss: String(body.id), key }) });
    expect(me.body.id).toBe(body.id);
    on.expectNoViolations();
  });

  test('works for an organisation, and on a GitHub Enterprise Server', async () => {
    const on = await github({ kind: 'ghes' });
    on.account('acme', 'Organization');
    const { back } = await submit(on, {}, '/organizations/acme/settings/apps/new?state=abc');
    const { status, body } = await convert(on, back?.searchParams.get('code'));
    expect([status, body.owner]).toEqual([201, expect.objectContaining({ login: 'acme' })]);
  });

  test('gives up the code after an hour', async () => {
    const on = await github();
    const { back } = await submit(on);
    on.shiftClock(3_600_001);
    expect((await convert(on, back?.searchParams.get('code'))).status).toBe(404);
  });

  test('refuses events without their permission, unknown properties and no manifest', async () => {
    const on = await github();
    expect(await submit(on, { default_events: ['check_run', 'workflow_run', 'merge_group'] })).toMatchObject({
      status: 422,
      text: 'Default events unsupported: workflow_run, merge_group',
    });
    expect((await submit(on, { events: [] })).text).toContain('events');
    expect((await submit(on, { url: 'qgjob' })).status).toBe(422);
    expect((await submit(on, { default_permissions: { checks: 'all' } })).status).toBe(422);
  });
});

describe('the webhook’s configuration', () => {
  test('is read without its secret and changed in part', async () => {
    const on = await github({ webhookUrl: 'http://127.0.0.1:9/old' });
    const config = `${on.apiUrl}/app/hook/config`;
    const token = await appJwt(on);
    const secret = on.app.webhookSecret;
    expect((await ask(config, { token })).body).toMatchObject({ url: 'http://127.0.0.1:9/old', secret: '********' });
    const changed = await ask(config, { method: 'PATCH', token, body: { url: 'http://127.0.0.1:9/new' } });
    expect(changed.body.url).toBe('http://127.0.0.1:9/new');
    expect(on.app).toMatchObject({ webhookUrl: 'http://127.0.0.1:9/new', webhookSecret: secret });
    on.expectNoViolations();
  });
});
