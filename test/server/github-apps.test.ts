import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { register } from '../http/setup-browser.ts';
import { type Github, startGithub } from '../support/github/github.ts';
import { createDatabase } from '../support/postgres.ts';
import { startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const files = temporaryFolder();

async function ghes(): Promise<Github> {
  const github = await startGithub({ kind: 'ghes' });
  onTestFinished(() => github.stop());
  return github;
}

const settingsOf = ({ app, apiUrl }: Github, privateKey: string) => ({
  github: { appId: app.id, privateKey, webhookSecrets: [app.webhookSecret], apiUrl },
});

test('servers of one Postgres act as the App that one of them registered, with the same key and with no other', async () => {
  const github = await ghes();
  const database = await createDatabase(inject('postgresUrl'), `apps_${randomUUID()}`);
  const secretKey = Buffer.alloc(32, 3);

  const keyless = await startTestServer({ database });
  expect(await register(keyless, github)).toMatchObject({
    status: 501,
    text: expect.stringContaining('Set QGJOB_SECRET_KEY first'),
  });
  await keyless.stop();
  expect(github.requests).toEqual([]);

  const [first, second] = await Promise.all([
    startTestServer({ database, secretKey }),
    startTestServer({ database, secretKey }),
  ]);
  onTestFinished(async () => {
    await first.stop();
    await second.stop();
  });
  expect((await register(first, github)).status).toBe(200);
  const { findings } = (await second.operator.describeGithub()).body;
  expect(findings.find(({ check }) => check === 'key')).toMatchObject({ ok: true });
  await expect(startTestServer({ database })).rejects.toThrow(/^QGJOB_SECRET_KEY is missing: .* 127\.0\.0\.1:/);
});

test.each([
  ['as it is', (pem: string) => pem],
  ['in one line', (pem: string) => pem.trim().replaceAll('\n', '\\n')],
  ['by the path of a file', (pem: string) => inFile(pem)],
])('GITHUB_APP_PRIVATE_KEY is taken %s', async (_, give) => {
  const github = await ghes();
  const server = await startTestServer(settingsOf(github, give(github.keys.privateKey)));
  onTestFinished(() => server.stop());
  const { findings } = (await server.operator.describeGithub()).body;
  expect(findings.find(({ check }) => check === 'key')).toMatchObject({ ok: true });
});

test('a private key that is none is told without a word of it', async () => {
  const github = await ghes();
  const half = 'MIIEowIBAAKCAQEA';
  const error = await startTestServer(settingsOf(github, half)).catch((caught: Error) => caught);
  expect(String(error)).toContain('GITHUB_APP_PRIVATE_KEY is neither a PEM nor the path');
  expect(String(error)).not.toContain(half);

  const server = await startTestServer(settingsOf(github, `-----BEGIN RSA PRIVATE KEY-----\n${half}\n`));
  onTestFinished(() => server.stop());
  const { findings } = (await server.operator.describeGithub()).body;
  const secrets = findings.find(({ check }) => check === 'secrets');
  expect(secrets).toMatchObject({ ok: false, advice: expect.stringContaining('no RSA key') });
  expect(JSON.stringify(findings)).not.toContain(half);
});

function inFile(pem: string): string {
  const path = files.file(`${randomUUID()}/app.pem`);
  mkdirSync(dirname(path));
  writeFileSync(path, pem, { mode: 0o600 });
  return path;
}
