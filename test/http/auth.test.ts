import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../contract/routes.ts';
import { authenticateRequest } from '../../server/http/auth.ts';
import { operatorKey, startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { submission } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

const statusWith = async (authorization: string, path = '/v1/whoami', method = 'GET') =>
  (await server.fetch(path, { method, headers: { authorization } })).status;

describe('API keys', () => {
  test('the scheme may be written in any case', async () => {
    expect(await statusWith(`bearer ${operatorKey}`)).toBe(200);
    expect(await statusWith(`BEARER ${operatorKey}`)).toBe(200);
  });

  test.each([
    ['another scheme', `Token ${operatorKey}`],
    ['no scheme', operatorKey],
    ['two spaces', `Bearer  ${operatorKey}`],
    ['something after the key', `Bearer ${operatorKey} x`],
    ['two keys', `Bearer ${operatorKey}, Bearer ${operatorKey}`],
    ['nothing after the scheme', 'Bearer'],
    ['an unknown key', `Bearer ${operatorKey}x`],
    ['a made key with a wrong checksum', `Bearer qgj_${'0'.repeat(36)}`],
  ])('%s is 401', async (_, authorization) => {
    expect(await statusWith(authorization)).toBe(401);
  });

  test('a mistyped key is refused without a look at the database', async () => {
    const keys = {
      find: () => Promise.reject(new Error('looked up')),
      stop() {},
    };
    const asked = (authorization: string) =>
      // safe because nothing else of a request is read
      authenticateRequest(keys, { headers: { authorization } } as IncomingMessage, routes.whoAmI);
    await expect(asked(`Bearer ${operatorKey}`)).rejects.toThrow('looked up');
    await expect(asked(`Bearer qgj_${'0'.repeat(36)}`)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(asked('Bearer too-short')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('whoami tells what a key is', async () => {
    expect((await org.read.whoAmI()).body).toEqual({
      org_id: org.id,
      role: 'read',
      name: `read of ${org.id}`,
      expires_at: null,
    });
    expect((await server.operator.whoAmI()).body).toMatchObject({ org_id: null, role: 'admin' });
  });

  test('a key that has expired is 401', async () => {
    const expires_at = new Date(Date.now() + 300).toISOString();
    const { body } = await server.operator.createKey({
      params: { org: org.id },
      body: { role: 'read', name: 'short', expires_at },
    });
    const client = server.client(body.key);
    expect((await client.whoAmI()).body.expires_at).toBe(expires_at);
    // sooner than a look-up is trusted for
    await expect.poll(() => statusWith(`Bearer ${body.key}`), { timeout: 2_500 }).toBe(401);
  });

  test('what a key was last used for is kept, to the minute', async () => {
    const used = async () =>
      (await org.admin.listKeys({ params: { org: org.id } })).body.items.find((key) => key.role === 'submit')
        ?.last_used_at;
    expect(await used()).toBeNull();
    await org.submit.whoAmI();
    await expect.poll(used).not.toBeNull();
  });

  test('a browser may send the key as a password, to look and not to change', async () => {
    const basic = `Basic ${btoa(`anyone:${org.keys.admin}`)}`;
    expect(await statusWith(basic, '/v1/runs')).toBe(200);
    expect(await statusWith(basic, '/v1/orgs', 'POST')).toBe(401);
    expect(await statusWith(`Basic ${btoa('anyone:wrong')}`, '/v1/runs')).toBe(401);
  });

  test('a browser is asked for a password, a program for a bearer key', async () => {
    const challenge = async (accept: string) =>
      (await fetch(`${server.url}/runs/none`, { headers: { accept } })).headers.get('www-authenticate');
    expect(await challenge('text/html,application/xhtml+xml')).toMatch(/^Basic realm=/);
    expect(await challenge('*/*')).toBe('Bearer');
  });
});

describe('a revoked key', () => {
  /** A key of its own, with a run to wait for. */
  async function keyToRevoke() {
    const { body } = await org.admin.createKey({
      params: { org: org.id },
      body: { role: 'submit', name: 'to revoke' },
    });
    const client = server.client(body.key);
    const run = await client.submitRun({ body: submission(org.id, { dedupe: false }) });
    return { client, key: body.key, id: body.id, run: run.body };
  }
  const within5s = async (work: Promise<unknown>, since: number) => {
    await work;
    expect(performance.now() - since).toBeLessThan(5_000);
  };

  test('is 401 within 5 s', async () => {
    const { key, id } = await keyToRevoke();
    await org.admin.revokeKey({ params: { org: org.id, key_id: id } });
    await expect.poll(() => statusWith(`Bearer ${key}`), { timeout: 5_000 }).toBe(401);
  });

  test('ends the long polls that wait under it within 5 s', async () => {
    const { client, id, run } = await keyToRevoke();
    const poll = client.getRun({ params: { id: run.id }, query: { wait_seconds: 30, after_version: run.version } });
    const refused = expect(poll).rejects.toMatchObject({ status: 401 });
    await org.admin.revokeKey({ params: { org: org.id, key_id: id } });
    await within5s(refused, performance.now());
  });

  test('ends the event streams that are open under it within 5 s', async () => {
    const { client, id, run } = await keyToRevoke();
    const { body: stream } = await client.runEvents({ params: { id: run.id }, headers: {} });
    await org.admin.revokeKey({ params: { org: org.id, key_id: id } });
    await within5s(stream.text(), performance.now());
  });

  test('leaves the requests of other keys alone', async () => {
    const { client, run } = await keyToRevoke();
    const other = await keyToRevoke();
    const poll = client.getRun({ params: { id: run.id }, query: { wait_seconds: 6, after_version: run.version } });
    await org.admin.revokeKey({ params: { org: org.id, key_id: other.id } });
    expect((await poll).body.status).toBe('queued');
  });
});
