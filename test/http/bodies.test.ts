import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { operatorKey, startTestServer, type TestServer } from '../support/server.ts';
import { submission } from './work.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json, path = '/v1/runs') {
  const response = await server.fetch(path, { method: 'POST', body, headers });
  return { status: response.status, problem: Problem.parse(await response.json()) };
}

const submit = (overrides: object) => post(JSON.stringify({ ...submission('acme'), ...overrides }));
const paths = ({ problem }: { problem: Problem }) => problem.errors?.map((error) => error.path);

describe('a body', () => {
  test.each(['{', '', 'null', '[]', '"text"', '{"a":1', "{'a':1}", '\u0000', '{"a":\u0001}', '{}{}'])(
    'of %j is refused, and stored nowhere',
    async (text) => {
      const { status } = await post(text);
      expect([400, 422]).toContain(status);
    },
  );

  test('that is not JSON is 400 malformed_json', async () => {
    expect((await post('{"org_id":')).problem.code).toBe('malformed_json');
    expect((await post(new Uint8Array([0xff, 0xfe, 0x7b]))).problem.code).toBe('malformed_json');
  });

  test.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['no type', { 'content-type': '' }],
    ['compressed JSON', { ...json, 'content-encoding': 'gzip' }],
  ])('of %s is 415', async (_, headers) => {
    expect(await post('{}', headers)).toMatchObject({ status: 415, problem: { code: 'unsupported_media_type' } });
  });

  test('of JSON with a charset is read', async () => {
    expect((await post('{}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(422);
  });

  test('that is empty reads as an object without properties', async () => {
    const answer = await post('', {});
    expect(answer.status).toBe(422);
    expect(paths(answer)).toEqual(['body.org_id', 'body.app_version_id', 'body.target', 'body.tests']);
  });

  test('above the limit of its route is 413 before it is read', async () => {
    expect(await declare('/v1/runs', 1024 ** 2 + 1)).toBe(413);
  });

  test('at the limit is read', async () => {
    const empty = JSON.stringify(submission('acme', { project: '' })).length;
    const answer = await submit({ project: 'x'.repeat(1024 ** 2 - empty) });
    expect(paths(answer)).toEqual(['body.project']);
  });

  test('of a route with a limit of its own may be larger', async () => {
    expect(await declare('/v1/leases/none/results', 32 * 1024 ** 2 + 1)).toBe(413);
    const body = JSON.stringify({ results: [], x: 'x'.repeat(2 * 1024 ** 2) });
    const headers = { ...json, 'qgjob-lease-token': 'x' };
    expect((await post(body, headers, '/v1/leases/none/results')).status).toBe(422);
  });

  test('in chunks is 411, as its size cannot be known', async () => {
    expect(await declare('/v1/runs', 'chunked')).toBe(411);
  });

  test('100,000 levels deep is 400, and the server lives', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(await post(deep)).toMatchObject({ status: 400, problem: { code: 'malformed_json' } });
    expect(await post(`{"org_id":${deep}}`)).toMatchObject({ status: 400 });
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  test('32 levels deep is read, 33 are not', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect((await post(nested(32))).problem.code).toBe('validation_failed');
    expect((await post(nested(33))).problem.code).toBe('malformed_json');
  });

  test('with unknown properties is 422 with the name of each', async () => {
    const answer = await submit({ tets: [], retries: { text: 1 } });
    expect(answer.status).toBe(422);
    expect(paths(answer)?.sort()).toEqual(['body.retries.text', 'body.tets']);
  });

  test('with a property called __proto__ is 422', async () => {
    const text = JSON.stringify(submission('acme')).replace('{', '{"__proto__":{"role":"admin"},');
    expect(paths(await post(text))).toEqual(['body.__proto__']);
  });

  test('says which element is wrong and what would be right', async () => {
    const answer = await submit({ tests: ['ok.spec.ts', '../up.spec.ts'], priority: 12 });
    expect(answer.problem.errors).toEqual([
      { path: 'body.tests[1]', message: expect.stringContaining('relative to the project') },
      { path: 'body.priority', message: expect.stringContaining('<=9') },
    ]);
  });

  test.each([
    '../secrets.spec.ts',
    '/etc/passwd',
    'a/../../b.spec.ts',
    'a//b.spec.ts',
    './a.spec.ts',
    'C:\\a.spec.ts',
    'C:/a.spec.ts',
    '-rf.spec.ts',
    'a\u0000.spec.ts',
    'a\nb.spec.ts',
    '',
  ])('with the test path %j is 422', async (path) => {
    expect(new Set(paths(await submit({ tests: [path] })))).toEqual(new Set(['body.tests[0]']));
  });

  test('with thousands of errors names the first twenty', async () => {
    const answer = await submit({ tests: Array.from({ length: 5000 }, () => '/') });
    expect(answer.problem.errors).toHaveLength(20);
  });

  test('that was refused has left nothing behind', async () => {
    const { body } = await server.operator.listRuns();
    expect(body.items).toEqual([]);
    expect((await server.operator.listOrgs()).body.items).toEqual([]);
  });
});

describe('an address', () => {
  test.each([
    ['limit=0', 'query.limit'],
    ['limit=201', 'query.limit'],
    ['limit=ten', 'query.limit'],
    ['limit=1e2', 'query.limit'],
    ['cursor=made-up', 'query.cursor'],
    ['statsu=queued', 'query.statsu'],
    ['status=done', 'query.status'],
    ['created_after=yesterday', 'query.created_after'],
    ['head_sha=abc', 'query.head_sha'],
  ])('with ?%s is 422 at %s', async (query, path) => {
    const response = await server.fetch(`/v1/runs?${query}`);
    expect(response.status).toBe(422);
    expect(Problem.parse(await response.json()).errors?.map((error) => error.path)).toEqual([path]);
  });

  test.each(['..%2f..%2fetc', '%00', 'a'.repeat(65), '%ff', 'run_%20', "'%20or%201=1"])(
    'with the id %s is 404 like any unknown one',
    async (id) => {
      const response = await server.fetch(`/v1/runs/${id}`);
      expect(response.status).toBe(404);
      expect(Problem.parse(await response.json()).code).toBe('not_found');
    },
  );

  test('that nothing is at is 404, with another method 405 and the methods it takes', async () => {
    const nowhere = await server.fetch('/v1/nothing');
    expect(nowhere.status).toBe(404);
    expect(Problem.parse(await nowhere.json()).code).toBe('not_found');
    const other = await server.fetch('/v1/runs', { method: 'DELETE' });
    expect(other.status).toBe(405);
    expect(other.headers.get('allow')).toBe('POST, GET, HEAD');
    expect(Problem.parse(await other.json()).code).toBe('method_not_allowed');
  });

  test('answers HEAD as GET, without the body', async () => {
    const head = await server.fetch('/v1/runs', { method: 'HEAD' });
    const get = await server.fetch('/v1/runs');
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
    expect(await head.text()).toBe('');
  });
});

/** The status answered to the head of a request whose body does not come. */
function declare(path: string, length: number | 'chunked'): Promise<number | undefined> {
  const headers = length === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': length };
  return new Promise((resolve, reject) => {
    const sent = request(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorKey}`, 'qgjob-lease-token': 'x', ...json, ...headers },
    });
    sent.on('error', reject).on('response', ({ statusCode }) => {
      sent
        .off('error', reject)
        .on('error', () => {})
        .destroy();
      resolve(statusCode);
    });
    sent.flushHeaders();
  });
}
