import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOidcIssuer } from '../support/oidc-issuer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

test('why the keys of an issuer cannot be had is in the log, and the token is not', async () => {
  const issuer = await startOidcIssuer();
  issuer.answers = 'with 500';
  const child = spawn(process.execPath, [join(import.meta.dirname, 'serve.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PORT: '0', QGJOB_DATABASE_URL: folder.file('qgjob.db'), QGJOB_OIDC_ISSUERS: issuer.issuer },
  });
  let logged = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    logged += text;
  });
  try {
    const [said] = await once(child.stdout, 'data');
    const url = String(said).trim();
    const token = await issuer.token(url);
    const response = await fetch(`${url}/v1/oidc/exchange`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, org_id: 'acme' }),
    });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('discovery was answered 500');
    await expect.poll(() => logged).toContain('discovery was answered 500');
    expect(logged).not.toContain(token);
    child.kill('SIGTERM');
    await once(child, 'exit');
  } finally {
    child.kill('SIGKILL');
    await issuer.stop();
  }
});
