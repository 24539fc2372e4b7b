import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storeKey } from '../../cli/credentials.ts';
import { readSettings } from '../../cli/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { qgjob } from './support/cli.ts';
import { type FakeServer, startFakeServer } from './support/fake-server.ts';
import { folderWith } from './support/project.ts';

/** Where doctor may unpack a browser; once for all. */
const workDir = `--work-dir=${temporaryFolder().path}`;

/** A server that knows one key. */
function knowing(key: string): Promise<FakeServer> {
  return startFakeServer({
    whoAmI: ({ request }) =>
      request.headers.authorization === `Bearer ${key}`
        ? { status: 200, body: { org_id: 'acme', role: 'submit', name: 'laptop', expires_at: null } }
        : { problem: 'unauthenticated' },
    livez: () => ({ status: 200, body: { status: 'ok', version: '9.9.9' } }),
  });
}

test('login stores a key it was piped, readable by its owner alone, and later commands use it', async () => {
  const server = await knowing('qgj_1');
  const home = folderWith({});
  const env = { XDG_CONFIG_HOME: home, QGJOB_SERVER_URL: server.url };
  const { code, stdout } = await qgjob(['login'], { env, stdin: 'qgj_1\n' });
  expect(code).toBe(0);
  expect(stdout).toContain(`Logged in to ${server.url} as laptop (submit, of acme).`);
  const path = join(home, 'qgjob/credentials.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, 'qgjob')).mode & 0o777).toBe(0o700);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ servers: { [server.url]: { api_key: 'qgj_1' } } });
  const doctor = await qgjob(['doctor', workDir], { env });
  expect(doctor).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('✓ key: stored by login: laptop, role submit, acme'),
  });
});

test('login keeps a wrong key out and what was stored before in', async () => {
  const server = await knowing('qgj_1');
  const home = folderWith({ 'qgjob/credentials.json': '{"servers":{}}' });
  const env = { XDG_CONFIG_HOME: home, QGJOB_SERVER_URL: server.url };
  const { code, stderr } = await qgjob(['login', '--api-key=qgj_2'], { env });
  expect(code).toBe(4);
  expect(stderr).toMatch(/^error: A valid API key is needed\nGive a key of http/);
  expect(readFileSync(join(home, 'qgjob/credentials.json'), 'utf8')).toBe('{"servers":{}}');
});

test('login without a key is exit 2', async () => {
  expect(await qgjob(['login'])).toMatchObject({ code: 2, stderr: expect.stringContaining('No key was given.') });
});

test('a stored file that cannot be read is exit 2, and says which', async () => {
  const home = folderWith({ 'qgjob/credentials.json': 'oops' });
  const { code, stderr } = await qgjob(['list'], { env: { XDG_CONFIG_HOME: home } });
  expect(code).toBe(2);
  expect(stderr).toContain(join(home, 'qgjob/credentials.json'));
});

test('a flag comes before the environment, and that before what is stored for that server', () => {
  const env = { HOME: folderWith({}) };
  storeKey(env, 'http://127.0.0.1:8080', 'stored');
  storeKey(env, 'https://q.example.com', 'other');
  const read = (flags: Parameters<typeof readSettings>[0], more: Record<string, string> = {}) => {
    const { serverUrl, apiKey, apiKeyFrom } = readSettings(flags, { ...env, ...more });
    return [serverUrl, apiKey, apiKeyFrom];
  };
  expect(read({})).toEqual(['http://127.0.0.1:8080', 'stored', 'login']);
  expect(read({ server: 'http://localhost:8080/' })).toEqual(['http://127.0.0.1:8080', 'stored', 'login']);
  expect(read({ server: 'https://q.example.com/' })).toEqual(['https://q.example.com', 'other', 'login']);
  expect(read({ server: 'https://unknown.example.com' })).toEqual([
    'https://unknown.example.com',
    undefined,
    'nowhere',
  ]);
  expect(read({}, { QGJOB_API_KEY: 'env' })).toEqual(['http://127.0.0.1:8080', 'env', 'environment']);
  expect(read({ apiKey: 'flag' }, { QGJOB_API_KEY: 'env' })).toEqual(['http://127.0.0.1:8080', 'flag', 'flag']);
  expect(read({}, { QGJOB_SERVER_URL: 'https://q.example.com' })).toEqual(['https://q.example.com', 'other', 'login']);
});

test('a stored file that others could read is closed when a key is added', () => {
  const home = folderWith({});
  mkdirSync(join(home, '.config/qgjob'), { recursive: true });
  writeFileSync(join(home, '.config/qgjob/credentials.json'), '{"servers":{}}', { mode: 0o644 });
  const path = storeKey({ HOME: home }, 'http://127.0.0.1:8080', 'k');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('doctor says what is wrong and what to do, and exits as the first thing wrong', async () => {
  const server = await knowing('qgj_1');
  const noKey = await qgjob(['doctor', workDir, '--server', server.url]);
  expect(noKey).toMatchObject({ code: 4, stdout: expect.stringMatching(/✗ key: none: .*\n {2}'qgjob login'/) });
  await server.stop();
  const down = await qgjob(['doctor', workDir, '--server', server.url]);
  expect(down).toMatchObject({
    code: 5,
    stdout: expect.stringMatching(/✗ server: .* cannot be reached: ECONNREFUSED\n {2}'qgjob serve'/),
  });
});
