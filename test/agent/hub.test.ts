import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Hub, startHub } from '../../agent/executors/appium/hub.ts';
import { temporaryFolder } from './support/project.ts';

/** An Appium whose sessions are made and deleted when the test says so. */
async function lab() {
  const calls: string[] = [];
  const made = Promise.withResolvers<void>();
  const deleted = Promise.withResolvers<void>();
  const appium = createServer(async (request, response) => {
    calls.push(`${request.method} ${request.url}`);
    for await (const _ of request);
    if (request.method === 'POST') await made.promise;
    if (request.method === 'DELETE') await deleted.promise;
    if (request.url?.endsWith('/url'))
      return void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy());
    calls.push(`answered ${request.method}`);
    const value = request.method === 'POST' ? { sessionId: 's1', capabilities: {} } : null;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
  });
  appium.listen(0, '127.0.0.1');
  await once(appium, 'listening');
  const { port } = appium.address() as AddressInfo;
  const hub = await startHub({ ready: async () => port }, 0);
  onTestFinished(async () => {
    made.resolve();
    deleted.resolve();
    await hub.stop();
    appium.closeAllConnections();
    appium.close();
  });
  return { hub, calls, made, deleted };
}

function openJob(hub: Hub) {
  const reinstall = async () => undefined;
  return hub.open({
    token: 'job-1',
    serial: 'emulator-5554',
    reset: 'data',
    capturesDir: temporaryFolder(),
    reinstall,
  });
}

function askForSession(hub: Hub, signal: AbortSignal) {
  const body = JSON.stringify({ capabilities: { alwaysMatch: { 'appium:deviceName': 'qgjob:job-1' } } });
  return fetch(`http://127.0.0.1:${hub.port}/session`, { method: 'POST', body, signal });
}

test('a job is closed only once the session its killed runner had asked for is gone from the device', async () => {
  const { hub, calls, made, deleted } = await lab();
  const job = openJob(hub);
  const runner = new AbortController();
  askForSession(hub, runner.signal).catch(() => undefined);
  await vi.waitUntil(() => calls.includes('POST /session'));
  runner.abort();
  let closed = false;
  const closing = hub.close(job).then(() => {
    closed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  made.resolve();
  await vi.waitUntil(() => calls.includes('DELETE /session/s1'));
  expect(closed).toBe(false);
  deleted.resolve();
  await closing;
  expect(calls).toContain('answered DELETE');
});

test('a job is closed only once the session its killed runner was ending is gone from the device', async () => {
  const { hub, calls, made, deleted } = await lab();
  const job = openJob(hub);
  made.resolve();
  const runner = new AbortController();
  await askForSession(hub, runner.signal);
  fetch(`http://127.0.0.1:${hub.port}/session/s1`, { method: 'DELETE', signal: runner.signal }).catch(() => undefined);
  await vi.waitUntil(() => calls.includes('DELETE /session/s1'));
  runner.abort();
  let closed = false;
  const closing = hub.close(job).then(() => {
    closed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  deleted.resolve();
  await closing;
});

test('an answer of Appium that breaks off is told to the runner at once, and known for the infrastructure’s failure', async () => {
  const { hub, made } = await lab();
  const job = openJob(hub);
  made.resolve();
  await askForSession(hub, AbortSignal.timeout(5000));
  const asked = fetch(`http://127.0.0.1:${hub.port}/session/s1/url`, { signal: AbortSignal.timeout(5000) });
  await expect(asked.then((answer) => answer.text())).rejects.toThrow('terminated');
  expect(job.troubles).toMatchObject([{ blame: 'device', message: expect.stringContaining('broke off') }]);
});
