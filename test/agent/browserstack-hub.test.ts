import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { addressesOf, authorizationOf, createBrowserstackApi } from '../../agent/browserstack/api.ts';
import type { CloudJob } from '../../agent/browserstack/hub/cloud-job.ts';
import { startCloudHub } from '../../agent/browserstack/hub/hub.ts';
import { createSessionFiles } from '../../agent/browserstack/hub/session-files.ts';
import { createUpstream } from '../../agent/browserstack/hub/upstream.ts';
import { type BrowserstackStub, browserstackStub } from './support/browserstack.ts';
import { limitMessage, refusalOf } from './support/browserstack-hub.ts';
import { temporaryFolder } from './support/project.ts';

/** A hub of the stub's account, as an agent starts it. `folder` has the open sessions of agents before it. */
async function hubOf(stub: BrowserstackStub, { holdMs = 20_000, folder = temporaryFolder() } = {}) {
  const account = { username: stub.username, accessKey: stub.accessKey };
  const addresses = addressesOf({ apiUrl: `${stub.url}/`, hubUrl: stub.url });
  const hub = await startCloudHub({
    upstream: createUpstream({ ...addresses, authorization: authorizationOf(account) }),
    api: createBrowserstackApi({ ...account, ...addresses }),
    files: createSessionFiles(folder),
    log: () => undefined,
    holdMs,
  });
  onTestFinished(() => hub.stop());
  const said: string[] = [];
  const open = () => hub.open({ sessionName: 'tests/a.spec.ts', buildName: 'acme v1', say: (line) => said.push(line) });
  /** Asks as a runner does that was given this token for a key. */
  const ask = (token: string, method: string, path: string, json?: unknown, signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${hub.port}${path}`, {
      method,
      headers: { authorization: authorizationOf({ username: 'qgjob', accessKey: token }) },
      body: json === undefined ? null : JSON.stringify(json),
      signal: signal ?? null,
    });
  const wanted = {
    capabilities: { alwaysMatch: { 'appium:app': 'bs://1', 'bstack:options': { buildName: 'project android' } } },
  };
  const newSession = async ({ token }: CloudJob, signal?: AbortSignal) => {
    const answer = await ask(token, 'POST', '/wd/hub/session', wanted, signal);
    const text = await answer.text();
    return { status: answer.status, text, id: /"sessionId":"(\w+)"/.exec(text)?.[1] ?? '' };
  };
  return { hub, open, ask, newSession, said, folder };
}

/** What a path is answered that no client would send as it is. */
async function rawStatus(port: number, path: string): Promise<number | undefined> {
  const [answer] = (await once(request({ host: '127.0.0.1', port, path }).end(), 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

const pathOf = (id: string, rest = '') => `/wd/hub/session/${id}${rest}`;
const detailsOf = (id: string) => `/app-automate/sessions/${id}.json`;

describe('a runner on the hub', () => {
  test('gets sessions by its job’s token; the account’s key goes to BrowserStack alone', async () => {
    const stub = await browserstackStub();
    const { open, ask, newSession } = await hubOf(stub);
    const job = open();
    const { status, id } = await newSession(job);
    expect(status).toBe(200);
    const found = await ask(job.token, 'POST', pathOf(id, '/elements'), { using: 'x', value: '.text("Skip")' });
    expect(found.status).toBe(200);
    expect(stub.seen.map(({ authorised }) => authorised)).toEqual([true, true]);
    expect(stub.sessions.get(id)).toMatchObject({
      app: 'bs://1',
      details: { name: 'tests/a.spec.ts', build_name: 'acme v1' },
    });
  });

  test('is refused without the token of a job that is open, and BrowserStack never hears of it', async () => {
    const stub = await browserstackStub();
    const { hub, open, ask, newSession } = await hubOf(stub);
    expect((await ask('no-token', 'POST', '/wd/hub/session', {})).status).toBe(401);
    const over = open();
    await hub.close(over);
    expect((await newSession(over)).status).toBe(401);
    expect(stub.seen).toEqual([]);
  });

  test('hears and says what its own sessions are only, and nothing else of the account', async () => {
    const stub = await browserstackStub();
    const { hub, open, ask, newSession } = await hubOf(stub);
    const [mine, other] = [open(), open()];
    const { id } = await newSession(mine);
    expect((await ask(mine.token, 'GET', detailsOf(id))).status).toBe(200);
    const refused = [
      await ask(other.token, 'GET', detailsOf(id)),
      await ask(other.token, 'PUT', detailsOf(id), { status: 'failed' }),
      await ask(mine.token, 'DELETE', detailsOf(id)),
      await ask(mine.token, 'GET', '/app-automate/plan.json'),
      await ask(mine.token, 'POST', '/app-automate/upload', {}),
      await ask(mine.token, 'GET', detailsOf('../plan')),
    ];
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    expect((await ask(mine.token, 'GET', pathOf('0123abcd', '/source'))).status).toBe(404);
    for (const dots of ['..', '%2e%2e', '.%2E'])
      expect(await rawStatus(hub.port, pathOf(id, `/${dots}/${dots}/${dots}/${dots}/app-automate/plan.json`))).toBe(
        403,
      );
    expect(stub.seen.map(({ path }) => path)).toEqual(['/wd/hub/session', detailsOf(id)]);
  });

  test('that ended its session and told how its test ended is taken at its word', async () => {
    const stub = await browserstackStub();
    const { hub, open, ask, newSession, folder } = await hubOf(stub);
    const job = open();
    const { id } = await newSession(job);
    expect([hub.openSessions(), readdirSync(folder)]).toEqual([1, [id]]);
    await ask(job.token, 'DELETE', pathOf(id));
    expect([hub.openSessions(), readdirSync(folder)]).toEqual([0, []]);
    expect((await ask(job.token, 'GET', pathOf(id, '/source'))).status).toBe(404);
    await ask(job.token, 'PUT', detailsOf(id), { status: 'passed', reason: 'all well' });
    await hub.close(job);
    expect(stub.sessions.get(id)?.details).toMatchObject({ status: 'passed', reason: 'all well' });
  });

  test('that asks again since it was kept waiting gets what it asked for first', async () => {
    const stub = await browserstackStub();
    const { open, newSession } = await hubOf(stub);
    const { promise, resolve } = Promise.withResolvers<void>();
    stub.slowness = promise;
    const job = open();
    const impatience = new AbortController();
    const first = newSession(job, impatience.signal).catch((error) => error.name);
    await vi.waitUntil(() => stub.asked.length === 1);
    impatience.abort();
    expect(await first).toBe('AbortError');
    const second = newSession(job);
    await vi.waitUntil(() => job.waiting && !job.waiting.destroyed);
    resolve();
    const { status, id } = await second;
    expect([status, stub.asked.length, stub.open().map((session) => session.id)]).toEqual([200, 1, [id]]);
  });

  test('has one session at a time: the one that a crashed worker left is ended before the next is made', async () => {
    const stub = await browserstackStub();
    stub.max = 1;
    const { open, newSession } = await hubOf(stub);
    const job = open();
    const [left, next] = [await newSession(job), await newSession(job)];
    expect(next.status).toBe(200);
    expect(stub.mostOpen).toBe(1);
    expect(stub.sessions.get(left.id)?.details.status).toBe('failed');
  });
});

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
    const { open, newSession } = await hubOf(stub, { holdMs: 0 });
    const job = open();
    expect((await newSession(job)).text).toContain(limitMessage);
    expect(await job.gaveWay).toBe(limitMessage);
    expect(job.troubles).toMatchObject([{ message: limitMessage, blame: 'device' }]);
    const asked = stub.asked.length;
    expect((await newSession(job)).text).toContain(limitMessage);
    expect(stub.asked).toHaveLength(asked);
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
