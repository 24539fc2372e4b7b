import { describe, expect, test } from 'vitest';
import { makeKeyPair } from '../support/github/key-pair.ts';
import { appJwt, ask, github, installationToken, type JwtClaims, shop } from './support/client.ts';

describe('an App’s own token', () => {
  test('is taken when it is signed by the App’s key, in the App’s name, for at most ten minutes', async () => {
    const on = await github();
    const other = await makeKeyPair();
    const status = async (claims: JwtClaims) =>
      (await ask(`${on.apiUrl}/app`, { token: await appJwt(on, claims) })).status;
    expect(await status({})).toBe(200);
    expect(await status({ iss: on.app.clientId })).toBe(200);
    expect(await status({ exp: 630 })).toBe(401);
    expect(await status({ exp: -1 })).toBe(401);
    expect(await status({ iat: 30 })).toBe(401);
    expect(await status({ iss: '1' })).toBe(401);
    expect(await status({ key: other.privateKeyPkcs8 })).toBe(401);
    on.app.publicKeys.push(other.publicKey);
    expect(await status({ key: other.privateKeyPkcs8 })).toBe(200);
    expect((await ask(`${on.apiUrl}/app`)).status).toBe(401);
    expect((await ask(`${on.apiUrl}/app`, { token: 'a.b.c' })).status).toBe(401);
    on.expectNoViolations();
  });

  test('fails when the clocks differ, and the answer tells GitHub’s time', async () => {
    const on = await github();
    on.shiftClock(-120_000);
    const { status, headers } = await ask(`${on.apiUrl}/app`, { token: await appJwt(on) });
    expect(status).toBe(401);
    expect(Date.now() - Date.parse(headers.get('date') ?? '')).toBeGreaterThan(110_000);
  });

  test('finds the installation of a repository, and all of them', async () => {
    const { github: on, installation } = await shop();
    on.repository('acme/other');
    const token = await appJwt(on);
    const found = await ask(`${on.apiUrl}/repos/acme/shop/installation`, { token });
    expect([found.status, found.body.id]).toEqual([200, installation.id]);
    expect((await ask(`${on.apiUrl}/repos/acme/other/installation`, { token })).status).toBe(404);
    on.install(on.app, on.account('globex', 'Organization'));
    const all = await ask(`${on.apiUrl}/app/installations?per_page=1`, { token });
    expect([all.list.length, all.headers.get('link')]).toEqual([1, expect.stringContaining('rel="next"')]);
    const one = await ask(`${on.apiUrl}/app/installations/${installation.id}`, { token });
    expect(one.body).toMatchObject({ id: installation.id, suspended_at: null, permissions: { checks: 'write' } });
    on.expectNoViolations();
  });
});

describe('an installation’s token', () => {
  test('is 520 characters with dots, and expires after an hour', async () => {
    const { github: on, token, ask: inShop } = await shop();
    expect(token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(token).toHaveLength(520);
    expect((await inShop('')).status).toBe(200);
    on.shiftClock(3_599_000);
    expect((await inShop('')).status).toBe(200);
    on.shiftClock(2_000);
    expect((await inShop('')).status).toBe(401);
    on.expectNoViolations();
  });

  test('is refused for a while after minting when replicas lag', async () => {
    const { github: on, ask: inShop } = await shop({ tokens: { replicationMs: 3_000 } });
    expect((await inShop('')).status).toBe(401);
    on.shiftClock(3_000);
    expect((await inShop('')).status).toBe(200);
  });

  test('is narrowed to repositories and permissions, never widened', async () => {
    const { github: on, repository, installation } = await shop();
    const more = on.repository('acme/more');
    installation.repositories.add(more);
    const mint = async (body: object) =>
      ask(`${on.apiUrl}/app/installations/${installation.id}/access_tokens`, {
        method: 'POST',
        token: await appJwt(on),
        body,
      });
    const narrow = await mint({ repository_ids: [repository.id], permissions: { checks: 'write' } });
    expect(narrow.body).toMatchObject({ permissions: { checks: 'write' }, repositories: [{ full_name: 'acme/shop' }] });
    const token = String(narrow.body.token);
    const write = (name: string, head_sha: string) =>
      ask(`${on.apiUrl}/repos/acme/${name}/check-runs`, { method: 'POST', token, body: { name: 'e2e', head_sha } });
    expect((await write('shop', on.push(repository))).status).toBe(201);
    expect((await write('more', on.push(more))).status).toBe(403);
    expect((await ask(`${on.apiUrl}/repos/acme/shop/pulls`, { token })).status).toBe(403);
    const visible = await ask(`${on.apiUrl}/installation/repositories`, { token });
    expect(visible.body).toMatchObject({ total_count: 1, repositories: [{ name: 'shop' }] });
    expect((await mint({ permissions: { contents: 'write' } })).status).toBe(422);
    expect((await mint({ permissions: { actions: 'write' } })).status).toBe(422);
    expect((await mint({ repositories: ['shop', 'none'] })).status).toBe(422);
    on.expectNoViolations();
    expect((await mint({ permission: { checks: 'write' } })).status).toBe(422);
    expect(() => on.expectNoViolations()).toThrow('permission');
  });

  test('is refused while the installation is suspended and once it is deleted', async () => {
    const { github: on, installation, ask: inShop } = await shop();
    on.suspend(installation);
    expect((await inShop('')).status).toBe(403);
    const url = `${on.apiUrl}/app/installations/${installation.id}/access_tokens`;
    expect((await ask(url, { method: 'POST', token: await appJwt(on) })).status).toBe(403);
    on.unsuspend(installation);
    expect((await inShop('')).status).toBe(200);
    on.uninstall(installation);
    expect((await inShop('')).status).toBe(401);
    on.expectNoViolations();
  });

  test('of one host sent to another is a violation there, though the installations have one number', async () => {
    const { github: here, installation, token } = await shop();
    const there = await github({ kind: 'ghes' });
    const repository = there.repository('acme/shop');
    const same = there.install(there.app, [repository], { id: installation.id });
    expect(there.apiUrl).toMatch(/\/api\/v3$/);
    const own = await installationToken(there, same);
    expect((await ask(`${there.apiUrl}/repos/acme/shop`, { token: own })).status).toBe(200);
    expect((await ask(`${there.webUrl}/repos/acme/shop`, { token: own })).status).toBe(404);
    there.violations.length = 0;
    expect((await ask(`${there.apiUrl}/repos/acme/shop`, { token })).status).toBe(401);
    expect(there.violations).toMatchObject([{ kind: 'foreign-token' }]);
    here.expectNoViolations();
  });
});
