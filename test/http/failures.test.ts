import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { createLog } from '../../server/http/log.ts';
import { operatorKey, startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { isOpen } from './open-files.ts';
import { sha256, submission } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

async function uploaded(bytes: Uint8Array<ArrayBuffer>): Promise<{ path: string; file: string }> {
  const name = sha256(bytes);
  await org.submit.putBlob({ params: { sha256: name }, body: bytes });
  return { path: `/v1/blobs/${name}`, file: join(server.settings.blobFolder, 'blobs', name.slice(0, 2), name) };
}

describe('a failure of the server', () => {
  test('is told as 500 with the id of the request, and with nothing of its cause', async () => {
    const { path, file } = await uploaded(randomBytes(1000));
    rmSync(file);
    const response = await server.fetch(path, { headers: { 'x-request-id': 'broken-1' } });
    expect(response.status).toBe(500);
    const problem = Problem.parse(await response.json());
    expect(problem).toMatchObject({ code: 'internal', request_id: 'broken-1' });
    expect(JSON.stringify(problem)).not.toMatch(/ENOENT|no such file|qgjob-server/);
  });

  test('is logged without the parameters of the query that failed', () => {
    const lines: string[] = [];
    const log = createLog('info', new Writable({ write: (text, _, done) => done(void lines.push(String(text))) }));
    const cause = new Error('connection lost');
    const failed = Object.assign(new Error('Failed query: insert into leases\nparams: lse_1,the-token', { cause }), {
      params: ['lse_1', 'the-token'],
    });
    log.error({ err: failed }, 'a request failed');
    const [line = ''] = lines;
    expect(line).not.toContain('the-token');
    expect(JSON.parse(line).err).toMatchObject({
      message: 'Failed query: insert into leases',
      stack: expect.stringContaining('failures.test.ts'),
      cause: { message: 'connection lost' },
    });
  });
});

describe('a client that leaves', () => {
  test('in the middle of a download leaves no file open', async () => {
    const { path, file } = await uploaded(randomBytes(48 * 1024 ** 2));
    const leave = new AbortController();
    const response = await server.fetch(path, { signal: leave.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    expect(isOpen(file)).toBe(true);
    leave.abort();
    await expect.poll(() => isOpen(file)).toBe(false);
  });

  test('while it waits is not waited for', async () => {
    const { body: run } = await org.submit.submitRun({ body: submission(org.id, { dedupe: false }) });
    const leave = new AbortController();
    const query = { wait_seconds: 50, after_version: 99 };
    const poll = org.read.getRun({ params: { id: run.id }, query }, { signal: leave.signal });
    const stream = await org.read.runEvents({ params: { id: run.id }, headers: {} }, { signal: leave.signal });
    await expect.poll(waiting).toBe(2);
    leave.abort();
    await expect(poll).rejects.toThrow();
    await expect(stream.body.text()).rejects.toThrow();
    await expect.poll(waiting).toBe(0);
  });
});

describe('too much at once', () => {
  test('for one organisation is 429 with Retry-After', async () => {
    const other = await server.org();
    await server.operator.putLimits({
      params: { org: other.id },
      body: { max_queued_jobs: 1, max_active_jobs: null, weight: 1 },
    });
    const response = await server.fetch('/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(submission(other.id, { tests: ['a.spec.ts', 'b.spec.ts'] })),
    });
    expect(response.headers.get('retry-after')).toBe('10');
    expect(Problem.parse(await response.json())).toMatchObject({ status: 429, code: 'limit_exceeded' });
  });

  test('is 503 with Retry-After, and whether the server lives is told all the same', async () => {
    const head =
      `POST /v1/orgs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${operatorKey}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    const sockets = Array.from({ length: 2_001 }, () => raw(head));
    const refused = async () => (await server.fetch('/v1/orgs')).status;
    await expect.poll(refused, { timeout: 15_000 }).toBe(503);
    const response = await server.fetch('/v1/orgs');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(Problem.parse(await response.json()).code).toBe('overloaded');
    expect((await server.fetch('/livez')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expect.poll(refused, { timeout: 15_000 }).toBe(200);
  });
});

function raw(text: string): Socket {
  const socket = connect(server.port, '127.0.0.1').on('error', () => {});
  socket.write(text);
  return socket;
}

async function waiting(): Promise<number> {
  const metrics = await (await server.fetch('/metrics')).text();
  return Number(/^qgjob_http_requests_waiting (\d+)$/m.exec(metrics)?.[1]);
}
