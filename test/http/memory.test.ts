import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { settledBytes } from './memory.ts';
import { startAgent, submission, testResult } from './work.ts';

// in a file, and so a process, of its own: what other tests leave behind would hide what these look for

const MiB = 1024 ** 2;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('an event stream that nobody reads costs no memory: what it will tell stays in the database', async () => {
  const org = await server.org();
  const { body: run } = await org.submit.submitRun({ body: submission(org.id) });
  const lease = await (await startAgent(org.agent)).claim();
  const jobId = lease.jobIds[0] ?? '';
  await lease.start(jobId);
  const socket = connect(server.port, '127.0.0.1')
    .on('error', () => {})
    .pause();
  const authorization = `Authorization: Bearer ${org.keys.read}`;
  socket.write(`GET /v1/runs/${run.id}/events HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`);
  await expect.poll(async () => (await server.fetch('/metrics')).text()).toMatch(/^qgjob_http_requests_waiting 1$/m);
  const message = 'x'.repeat(60_000);
  const tests = Array.from({ length: 20 }, (_, i) => testResult({ id: `t${i}`, errors: [{ message }] }));
  const before = await settledBytes();
  // 60 MB in all
  for (let i = 0; i < 50; i++) await lease.tests(jobId, tests);
  expect((await settledBytes()) - before).toBeLessThan(16 * MiB);
  socket.destroy();
});

test('256 MiB go in and out without a growing heap', async () => {
  const org = await server.org();
  const piece = randomBytes(MiB);
  const pieces = 256;
  const digest = createHash('sha256');
  for (let i = 0; i < pieces; i++) digest.update(piece);
  const name = digest.digest('hex');
  const before = await settledBytes();
  let most = before;
  async function* source() {
    for (let i = 0; i < pieces; i++) {
      if (i % 32 === 0) most = Math.max(most, await settledBytes());
      yield piece;
    }
  }
  const uploaded = await org.submit.putBlob({ params: { sha256: name }, body: ReadableStream.from(source()) });
  expect(uploaded.status).toBe(201);
  const { body } = await org.read.getBlob({ params: { sha256: name }, headers: {} });
  let received = 0;
  for await (const chunk of body.body ?? []) {
    received += chunk.length;
    if (received % (32 * MiB) < chunk.length) most = Math.max(most, await settledBytes());
  }
  expect(received).toBe(pieces * MiB);
  expect(most - before).toBeLessThan(32 * MiB);
});
