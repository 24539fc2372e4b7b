import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { browserstackStub } from './support/browserstack.ts';
import { limitMessage, refusalOf } from './support/browserstack-hub.ts';
import { hubOf } from './support/cloud-hub.ts';
import { temporaryFolder } from './support/project.ts';

describe('full parallels', () => {
  test('make a runner wait until one is free, which its job’s log tells', async () => {
    const stub = await browserstackStub();
    stub.othersRunning = 2;
    const { open, newSession, said } = await hubOf(stub);
    const job = open();
    const waiting = newSession(job);
    await vi.waitUntil(() => stub.asked.length > 1, { timeout: 20_000 });
    stub.othersRunning = 1;
    expect((await waiting).status).toBe(200);
    expect(said).toEqual(['All parallels of BrowserStack are in use: waiting for one.']);
    expect([job.hopeless, job.refusal, job.troubles]).toEqual([null, null, []]);
  });

  test('that stay full end the wait with BrowserStack’s words; the job is told, and asks no more', async () => {
    const stub = await browserstackStub();
    stub.othersRunning = 2;
    const { open, newSession } = await hubOf(stub, { holdMs: 300 });
    const job = open();
    expect((await newSession(job)).text).toContain(limitMessage);
    expect(await job.gaveWay).toBe(limitMessage);
    expect(job.troubles).toMatchObject([{ message: limitMessage, blame: 'device' }]);
    const asked = stub.asked.length;
    expect((await newSession(job)).text).toContain(limitMessage);
    expect(stub.asked).toHaveLength(asked);
  });
});

describe('a request that BrowserStack keeps in its queue', () => {
  test('ends the wait as full parallels do; a session that it is given after all is ended', async () => {
    const stub = await browserstackStub();
    const { hub, open, newSession } = await hubOf(stub, { holdMs: 300 });
    const { promise, resolve } = Promise.withResolvers<void>();
    stub.slowness = promise;
    const job = open();
    expect((await newSession(job)).text).toContain('All parallel tests are currently in use');
    expect(await job.gaveWay).toContain('gave no session in 0.3 s');
    await hub.close(job);
    expect(stub.open()).toHaveLength(1);
    resolve();
    await vi.waitUntil(() => stub.open().length === 0);
  });

  test('is answered at once when its job is over', async () => {
    const stub = await browserstackStub();
    const { hub, open, newSession } = await hubOf(stub);
    const { promise, resolve } = Promise.withResolvers<void>();
    stub.slowness = promise;
    const job = open();
    const asking = newSession(job);
    await vi.waitUntil(() => stub.open().length === 1);
    await hub.close(job);
    expect((await asking).text).toContain('the job is over');
    resolve();
  });
});

describe('a session that is refused', () => {
  test.each([
    ["WebDriver's form", 500, JSON.stringify(refusalOf('[BROWSERSTACK_DEPRECATED_DEVICE_ERROR] old')), 'DEPRECATED'],
    ['an object', 422, '{"error":{"message":"[BROWSERSTACK_TEST_NOT_FOUND] no"}}', 'TEST_NOT_FOUND'],
    ['a text', 422, '{"error":"[BROWSERSTACK_INCORRECT_URL] no"}', 'INCORRECT_URL'],
    ['plain text', 401, 'HTTP Basic: Access denied.\n', 'Access denied'],
    ['a page', 502, '<html>Bad gateway</html>', 'Bad gateway'],
    ['a session without an id', 200, '{"value":{"capabilities":{}}}', 'capabilities'],
  ])('as %s is handed on as it came and noted as the infrastructure’s', async (_, status, body, words) => {
    const stub = await browserstackStub();
    stub.refusing = { status, body };
    const { open, newSession } = await hubOf(stub);
    const job = open();
    const answer = await newSession(job);
    expect([answer.status, answer.text]).toEqual([status, body]);
    expect(job.troubles).toMatchObject([{ message: expect.stringContaining(words), blame: 'device' }]);
    expect(job.hopeless).toBeNull();
  });

  test('because its app is gone makes the job give way, so that the app is uploaded again', async () => {
    const stub = await browserstackStub();
    stub.remove('bs://1');
    const { open, newSession } = await hubOf(stub);
    const job = open();
    await newSession(job);
    expect(await job.gaveWay).toContain('[BROWSERSTACK_APP_DELETED]');
  });

  test('by a BrowserStack that cannot be reached says so', async () => {
    const stub = await browserstackStub();
    const { open, newSession } = await hubOf({ ...stub, url: 'http://127.0.0.1:9' });
    const job = open();
    expect((await newSession(job)).text).toContain('BrowserStack cannot be reached');
    expect(job.troubles).toHaveLength(1);
  });
});

describe('a session that is left open', () => {
  test('by a runner that was killed is ended with its job, and BrowserStack told that its test failed', async () => {
    const stub = await browserstackStub();
    const { hub, open, newSession, folder } = await hubOf(stub);
    const job = open();
    const { id } = await newSession(job);
    await hub.close(job);
    expect([stub.open(), hub.openSessions(), readdirSync(folder)]).toEqual([[], 0, []]);
    expect(stub.sessions.get(id)?.details).toMatchObject({
      status: 'failed',
      reason: 'The test runner ended before its test did.',
    });
  });

  test('is ended also where its id came as it did before the W3C, and where its end is answered without JSON', async () => {
    const stub = await browserstackStub();
    stub.refusing = { status: 200, body: '{"sessionId":"0123abcd","status":0,"value":{}}' };
    stub.say('/wd/hub/session/0123abcd', { status: 200, body: 'OK' });
    const { hub, open, newSession, folder } = await hubOf(stub);
    const job = open();
    expect(await newSession(job)).toMatchObject({ status: 200, id: '0123abcd' });
    await hub.close(job);
    expect(stub.seen.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('since nobody waits for it any more when it is there is ended at once', async () => {
    const stub = await browserstackStub();
    const { hub, open, newSession } = await hubOf(stub);
    const { promise, resolve } = Promise.withResolvers<void>();
    stub.slowness = promise;
    const job = open();
    const gone = new AbortController();
    const asking = newSession(job, gone.signal).catch(() => null);
    await vi.waitUntil(() => stub.open().length === 1);
    gone.abort();
    await asking;
    await vi.waitUntil(() => job.waiting?.destroyed);
    resolve();
    await vi.waitUntil(() => stub.open().length === 0);
    expect(hub.openSessions()).toBe(0);
  });

  test('by an agent that was killed is ended by the next one', async () => {
    const stub = await browserstackStub();
    const folder = temporaryFolder();
    const id = stub.begin({});
    writeFileSync(join(folder, id), '');
    await hubOf(stub, { folder });
    await vi.waitUntil(() => readdirSync(folder).length === 0);
    expect(stub.open()).toEqual([]);
    expect(stub.sessions.get(id)?.details.status).toBe('failed');
  });

  test('when the agent stops while it is made is ended before the agent has stopped', async () => {
    const stub = await browserstackStub();
    const { hub, open, newSession } = await hubOf(stub);
    const { promise, resolve } = Promise.withResolvers<void>();
    stub.slowness = promise;
    const job = open();
    const asking = newSession(job);
    await vi.waitUntil(() => stub.open().length === 1);
    await hub.close(job);
    const stopped = hub.stop();
    resolve();
    await stopped;
    await asking.catch(() => null);
    expect(stub.open()).toEqual([]);
  });
});
