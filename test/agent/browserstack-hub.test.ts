import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { authorizationOf } from '../../agent/browserstack/api.ts';
import { browserstackStub } from './support/browserstack.ts';
import { hubOf } from './support/cloud-hub.ts';

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
    expect(stub.sessions.get(id)?.details).toMatchObject({ name: 'tests/a.spec.ts', build_name: 'acme v1' });
  });

  test('tests its job’s app, whatever it asks for: other organisations’ apps are in the same account', async () => {
    const stub = await browserstackStub();
    const { open, newSession } = await hubOf(stub);
    const { id } = await newSession(open());
    expect(stub.sessions.get(id)).toMatchObject({ app: 'bs://1' });
    expect(stub.lastWanted).toEqual({
      alwaysMatch: {
        'appium:app': 'bs://1',
        'bstack:options': { sessionName: 'tests/a.spec.ts', buildName: 'acme v1' },
      },
      firstMatch: [{}],
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

  test('whose job is over before its request is whole gets no session, and BrowserStack never hears of it', async () => {
    const stub = await browserstackStub();
    const { hub, open } = await hubOf(stub);
    const job = open();
    const authorization = authorizationOf({ username: 'qgjob', accessKey: job.token });
    // the hub says that it reads on once it has let the request in
    const headers = { authorization, expect: '100-continue' };
    const slow = request({ host: '127.0.0.1', port: hub.port, path: '/wd/hub/session', method: 'POST', headers });
    slow.flushHeaders();
    await once(slow, 'continue');
    await hub.close(job);
    slow.end('{"capabilities":{}}');
    const [answer] = (await once(slow, 'response')) as [IncomingMessage];
    answer.resume();
    // whatever it had asked for by now is known then
    await hub.stop();
    expect([answer.statusCode, stub.seen]).toEqual([500, []]);
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
      await ask(other.token, 'DELETE', pathOf(id)),
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
    // once, by the runner
    expect(stub.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('is taken at its word also where BrowserStack does not take it: it is told again when the job is over', async () => {
    const stub = await browserstackStub();
    const { hub, open, ask, newSession } = await hubOf(stub);
    const job = open();
    const { id } = await newSession(job);
    await ask(job.token, 'DELETE', pathOf(id));
    stub.say('/sessions/', { status: 502, body: 'Bad gateway' });
    await ask(job.token, 'PUT', detailsOf(id), { status: 'passed' });
    stub.say('/sessions/', null);
    await hub.close(job);
    expect(stub.sessions.get(id)?.details).toMatchObject({ status: 'passed', reason: '' });
  });

  test('has said nothing of a test’s end by calling it "status"', async () => {
    const stub = await browserstackStub();
    const { hub, open, ask, newSession } = await hubOf(stub);
    const job = open();
    const { id } = await newSession(job);
    await ask(job.token, 'PUT', detailsOf(id), { name: 'status' });
    await hub.close(job);
    expect(stub.sessions.get(id)?.details).toMatchObject({ name: 'status', status: 'failed' });
  });

  test('hears that BrowserStack gave way, which is noted; its own hanging up is not', async () => {
    const stub = await browserstackStub();
    const { open, ask, newSession } = await hubOf(stub);
    const job = open();
    const { id } = await newSession(job);
    const { promise, resolve } = Promise.withResolvers<void>();
    stub.cut = { path: '/source', until: promise };
    const impatience = new AbortController();
    const gone = ask(job.token, 'GET', pathOf(id, '/source'), undefined, impatience.signal).catch(() => null);
    const stays = ask(job.token, 'GET', pathOf(id, '/source'));
    await vi.waitUntil(() => stub.seen.filter(({ path }) => path.endsWith('/source')).length === 2);
    impatience.abort();
    await gone;
    await vi.waitUntil(() => stub.givenUp === 1);
    resolve();
    expect((await stays).status).toBe(500);
    expect(job.troubles).toMatchObject([
      { message: expect.stringContaining('BrowserStack gave way'), blame: 'device' },
    ]);
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
