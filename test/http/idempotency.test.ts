import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { submission } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

const post = (text: string, key: string, path = '/v1/runs') =>
  server.fetch(path, {
    method: 'POST',
    body: text,
    headers: { authorization: `Bearer ${org.keys.submit}`, 'content-type': 'application/json', 'idempotency-key': key },
  });
const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;

describe('an idempotency key', () => {
  test('sent again with the same request gets the first answer again', async () => {
    const text = JSON.stringify(submission(org.id));
    const first = await post(text, 'a');
    const again = await post(text, 'a');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.text()).toBe(await first.text());
  });

  test('takes JSON laid out otherwise for the same request', async () => {
    const body = submission(org.id);
    const first = await post(JSON.stringify(body), 'b');
    const shuffled = Object.fromEntries(Object.entries(body).reverse());
    const again = await post(JSON.stringify(shuffled, null, 2), 'b');
    expect(await idOf(again)).toBe(await idOf(first));
  });

  test('sent with another body is 422', async () => {
    const first = submission(org.id);
    await post(JSON.stringify(first), 'c');
    const other = await post(JSON.stringify({ ...first, tests: ['other.spec.ts'] }), 'c');
    expect(await other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test('sent with the same body about something else is 422', async () => {
    const [one, two] = await Promise.all(
      ['first', 'second'].map(async (app_version_id) => {
        const { body: run } = await org.submit.submitRun({ body: submission(org.id, { app_version_id }) });
        await org.submit.cancelRun({ params: { id: run.id } });
        return `/v1/runs/${run.id}/retry`;
      }),
    );
    expect((await post('{}', 'f', one)).status).toBe(201);
    expect((await post('{}', 'f', one)).status).toBe(201);
    expect((await post('{}', 'f', two)).status).toBe(422);
  });

  test('of twenty requests at once makes one run: the others are told it, or that it is in flight', async () => {
    const text = JSON.stringify(submission(org.id, { app_version_id: 'raced' }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(text, 'd')));
    const made = answers.filter(({ status }) => status === 201);
    const others = answers.filter(({ status }) => status !== 201);
    expect(new Set(await Promise.all(made.map(idOf))).size).toBe(1);
    for (const other of others) {
      expect(await other.json()).toMatchObject({ status: 409, code: 'idempotency_in_flight' });
      expect(other.headers.get('retry-after')).toBe('1');
    }
    const { body } = await org.read.listRuns({ query: { app_version_id: 'raced' } });
    expect(body.items).toHaveLength(1);
  });

  test('of a claim that still waits is in flight, for its own organisation alone', async () => {
    const claimWith = (key: string) =>
      server.fetch(`/v1/agents/${agentId}/claims`, {
        method: 'POST',
        body: JSON.stringify({ device_id: 'd1', wait_seconds: 25 }),
        headers: {
          authorization: `Bearer ${org.keys.agent}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
      });
    const { body: registered } = await org.agent.registerAgent({
      body: { name: 'a', devices: [{ id: 'd1', target: 'device', platform: 'android' }] },
    });
    const agentId = registered.agent.id;
    const both = [claimWith('g'), claimWith('g')];
    const first = await Promise.race(both);
    expect(await first.json()).toMatchObject({ code: 'idempotency_in_flight' });
    await org.submit.submitRun({ body: submission(org.id, { target: 'device' }) });
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });

  test('is one organisation’s own', async () => {
    const other = await server.org();
    const text = JSON.stringify(submission(other.id));
    await post(JSON.stringify(submission(org.id)), 'e');
    const theirs = await server.fetch('/v1/runs', {
      method: 'POST',
      body: text,
      headers: {
        authorization: `Bearer ${other.keys.submit}`,
        'content-type': 'application/json',
        'idempotency-key': 'e',
      },
    });
    expect(theirs.status).toBe(201);
  });

  test.each(['two words', 'x'.repeat(256), 'ü'])('of %s is 422', async (key) => {
    const response = await post(JSON.stringify(submission(org.id)), key);
    expect(await response.json()).toMatchObject({ errors: [{ path: 'headers.idempotency-key' }] });
  });
});

describe('without an idempotency key', () => {
  test('a submission identical to an active one is that one', async () => {
    const body = submission(org.id, { app_version_id: 'twice' });
    const first = await org.submit.submitRun({ body });
    const again = await org.submit.submitRun({ body: { ...body, tests: [...body.tests].reverse() } });
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id, deduplicated: true } });
  });

  test('of one job as well, and "dedupe": false makes a new one', async () => {
    const body = { org_id: org.id, app_version_id: 'job', target: 'emulator', test_path: 'a.spec.ts' } as const;
    const first = await org.submit.submitJob({ body });
    const again = await org.submit.submitJob({ body });
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id, deduplicated: true } });
    const forced = await org.submit.submitJob({ body: { ...body, dedupe: false } });
    expect(forced.status).toBe(201);
    expect(forced.body.id).not.toBe(first.body.id);
  });
});
