import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const key = 'a-key-that-must-not-be-in-a-log';
let child: ChildProcess;
let url: URL;
let logged = '';

beforeAll(async () => {
  child = spawn(process.execPath, [join(import.meta.dirname, 'serve.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PORT: '0', QGJOB_DATABASE_URL: folder.file('qgjob.db'), QGJOB_BOOTSTRAP_KEY: key },
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    logged += text;
  });
  const [said] = await once(child.stdout ?? child, 'data');
  url = new URL(String(said).trim());
});
afterAll(() => {
  child.kill('SIGKILL');
});

const lines = () =>
  logged
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { msg: string });

/** Says something and leaves as soon as it is sent. */
async function sayAndLeave(text: string): Promise<void> {
  const socket = connect(Number(url.port), url.hostname).on('error', () => {});
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(text, resolve));
  socket.resetAndDestroy();
}

test('a server logs its start and its stop, and nothing of clients that leave half-way or ask for nonsense', async () => {
  const authorization = `Host: x\r\nAuthorization: Bearer ${key}\r\n`;
  const json = 'Content-Type: application/json\r\nContent-Length: 100\r\n';
  for (let i = 0; i < 20; i++) {
    await sayAndLeave(`POST /v1/orgs HTTP/1.1\r\n${authorization}${json}\r\n{"half`);
    await sayAndLeave(
      `PUT /v1/blobs/${'0'.repeat(64)}?org_id=a HTTP/1.1\r\n${authorization}Content-Length: 9\r\n\r\nhalf`,
    );
    await sayAndLeave(`GET /openapi.json HTTP/1.1\r\n${authorization}\r\n`);
    await sayAndLeave('GET \\ HTTP/1.1\r\nHost: [\r\n\r\n');
    await sayAndLeave('nonsense\r\n\r\n');
  }
  expect((await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status).toBe(404);
  expect((await fetch(new URL('/v1/orgs', url), { method: 'POST', body: '{' })).status).toBe(401);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(lines().map(({ msg }) => msg)).toEqual(['listening', 'stopping', 'stopped']);
  expect(logged).not.toContain(key);
});
