import { expect, test } from 'vitest';
import { startOidcIssuer } from '../support/oidc-issuer.ts';
import { startTestServer } from '../support/server.ts';
import { qgjob } from './support/cli.ts';

test('a workflow is let in by trust add, shown by trust list, and out again by trust remove', async () => {
  const issuer = await startOidcIssuer();
  const server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: null } });
  try {
    const org = await server.org('acme');
    const env = { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: org.keys.admin };
    const exchange = async () =>
      server.client().exchangeOidc({ body: { token: await issuer.token(server.url), org_id: 'acme' } });

    const command = await exchange().catch((error: Error) => /qgjob (trust add .*)$/.exec(error.message)?.[1] ?? '');
    const added = await qgjob([...String(command).split(' '), '--event=push', '--event=pull_request'], { env });
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const [, id = ''] = /^Added (tru_\S+): workflows of acme\/shop may submit\.$/m.exec(added.stdout) ?? [];

    const session = server.client((await exchange()).body.token);
    expect((await session.whoAmI()).body.role).toBe('submit');
    const listed = await qgjob(['trust', 'list', '--org-id=acme'], { env });
    expect(listed.stdout).toMatch(
      new RegExp(`^${id} +acme/shop +1001 +2002 +submit +event push or pull_request *$`, 'm'),
    );
    const sessions = await qgjob(['keys', 'list', '--sessions'], { env });
    expect(sessions.stdout).toContain('acme/shop workflow run 4004.1');
    expect((await qgjob(['keys', 'list'], { env })).stdout).not.toContain('workflow run');

    const removed = await qgjob(['trust', 'remove', id], { env });
    expect(removed).toMatchObject({ code: 0, stdout: `Removed ${id}; its sessions are revoked.\n` });
    expect((await qgjob(['trust'], { env })).stdout).toBe('No trust policies.\n');
    await expect(exchange()).rejects.toMatchObject({ code: 'forbidden' });
    expect((await qgjob(['trust', 'remove', id], { env })).stderr).toContain(`There is no trust policy ${id}.`);
  } finally {
    await server.stop();
    await issuer.stop();
  }
});
