import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSettings, SettingError } from '../../server/config.ts';

describe('settings', () => {
  test('are complete without any variable', () => {
    expect(readSettings({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      database: join('.qgjob', 'qgjob.db'),
      blobFolder: join('.qgjob', 'blobs'),
      publicUrl: null,
      bootstrapKey: null,
      leaseMs: 30_000,
      logLevel: 'info',
      github: null,
    });
  });

  test('come from the environment', () => {
    const settings = readSettings({
      HOST: '0.0.0.0',
      PORT: '9000',
      QGJOB_DATABASE_URL: 'postgres://user:secret@db/qgjob',
      QGJOB_BLOB_URL: '/var/blobs',
      QGJOB_PUBLIC_URL: 'https://ci.example.com/qgjob/',
      QGJOB_BOOTSTRAP_KEY: 'k'.repeat(24),
      QGJOB_LEASE_SECONDS: '5',
      QGJOB_INSTALL_PRICE: '7',
      QGJOB_OVERDUE_MINUTES: '3',
      LOG_LEVEL: 'debug',
    });
    expect(settings).toMatchObject({
      host: '0.0.0.0',
      port: 9000,
      database: 'postgres://user:secret@db/qgjob',
      blobFolder: '/var/blobs',
      publicUrl: 'https://ci.example.com/qgjob',
      bootstrapKey: 'k'.repeat(24),
      leaseMs: 5_000,
      policy: { installPrice: 7, joinInstalls: 2.625, overdueMs: 180_000 },
      logLevel: 'debug',
    });
  });

  test('of a flag win over those of a variable, and an empty variable is none', () => {
    const env = { PORT: '9000', HOST: '', QGJOB_DATABASE_URL: '  ' };
    expect(readSettings(env, { port: '9001' })).toMatchObject({
      port: 9001,
      host: '127.0.0.1',
      database: join('.qgjob', 'qgjob.db'),
    });
  });

  test('keep blobs beside the database unless told', () => {
    expect(readSettings({ QGJOB_DATABASE_URL: '/data/q.db' }).blobFolder).toBe('/data/blobs');
    expect(readSettings({ QGJOB_DATABASE_URL: 'postgres://db/q' }).blobFolder).toBe(join('.qgjob', 'blobs'));
  });

  test.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['PORT', '8.5'],
    ['QGJOB_LEASE_SECONDS', '0'],
    ['QGJOB_LEASE_SECONDS', '30s'],
    ['QGJOB_INSTALL_PRICE', '0'],
    ['LOG_LEVEL', 'verbose'],
    ['QGJOB_PUBLIC_URL', 'ci.example.com'],
    ['QGJOB_PUBLIC_URL', 'ftp://ci.example.com'],
    ['QGJOB_DATABASE_URL', 'mysql://db/q'],
    ['QGJOB_BLOB_URL', 's3://bucket'],
    ['QGJOB_QUEUE_URL', 'redis://queue'],
    ['QGJOB_BOOTSTRAP_KEY', 'short'],
    ['QGJOB_BOOTSTRAP_KEY', `with spaces ${'k'.repeat(24)}`],
    ['QGJOB_OIDC_ISSUERS', 'https://a.example,not-an-address'],
    ['QGJOB_OIDC_ISSUERS', 'http://github.corp/_services/token'],
    ['QGJOB_OIDC_AUDIENCE', 'two words'],
    ['QGJOB_OIDC_AUDIENCE', 'https://github.com/acme'],
    ['QGJOB_OIDC_AUDIENCE', 'https://acme.ghe.com'],
  ])('%s=%s stops the start with its name and what is allowed', (name, value) => {
    const read = () => readSettings({ [name]: value });
    expect(read).toThrow(SettingError);
    expect(read).toThrow(name);
    expect(read).toThrow(/Allowed|Leave it out/);
  });

  test('of OIDC are github.com and no audience of their own unless told', () => {
    expect(readSettings({}).oidc).toEqual({
      issuers: ['https://token.actions.githubusercontent.com'],
      audience: null,
    });
    const env = {
      QGJOB_OIDC_ISSUERS: 'https://github.corp/_services/token/, https://token.actions.acme.ghe.com,http://127.0.0.1:1',
      QGJOB_OIDC_AUDIENCE: 'https://qgjob.github.community',
    };
    expect(readSettings(env).oidc).toEqual({
      issuers: ['https://github.corp/_services/token', 'https://token.actions.acme.ghe.com', 'http://127.0.0.1:1'],
      audience: 'https://qgjob.github.community',
    });
  });

  test('that are secret are not in the text of an error', () => {
    const secrets = { QGJOB_BOOTSTRAP_KEY: 'hunter2', QGJOB_DATABASE_URL: 'mysql://root:hunter2@db' };
    for (const [name, value] of Object.entries(secrets)) {
      const read = () => readSettings({ [name]: value });
      expect(read).toThrow(name);
      expect(read).not.toThrow('hunter2');
    }
  });

  test('name the flag where a flag is wrong', () => {
    expect(() => readSettings({}, { port: 'eighty' })).toThrow('--port is "eighty"');
  });

  test('of a GitHub App are all there or none', () => {
    const env = { GITHUB_APP_ID: '12', GITHUB_APP_PRIVATE_KEY: 'key.pem', GITHUB_WEBHOOK_SECRET: 'old, new' };
    expect(readSettings(env).github).toEqual({
      appId: 12,
      privateKey: 'key.pem',
      webhookSecrets: ['old', 'new'],
      apiUrl: 'https://api.github.com',
    });
    expect(() => readSettings({ GITHUB_APP_ID: '12' })).toThrow('GITHUB_APP_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET');
    expect(() => readSettings({ ...env, GITHUB_WEBHOOK_SECRET: 'a,b,c' })).toThrow('GITHUB_WEBHOOK_SECRET');
  });
});
