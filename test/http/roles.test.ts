import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import type { Route } from '../../contract/route.ts';
import { routes } from '../../contract/routes.ts';
import { KeyRole } from '../../contract/words.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

/** Which roles a route must take, written down here once more: admin over submit over read, agent apart. */
const admitted: Record<Route['role'], readonly KeyRole[]> = {
  // a key of an organisation is none of the operator's
  operator: [],
  admin: ['admin'],
  submit: ['admin', 'submit'],
  read: ['admin', 'submit', 'read'],
  agent: ['admin', 'agent'],
  any: ['admin', 'submit', 'read', 'agent'],
  public: ['admin', 'submit', 'read', 'agent'],
  'submit or agent': ['admin', 'submit', 'agent'],
};

const table: [string, Route][] = Object.entries(routes);
const matrix = table.flatMap(([, route]) =>
  KeyRole.options.map((role) => [route.method, route.path, role, route] as const),
);

/** A request to the route that nothing is behind: unknown ids, and a body that fits no schema. */
function call({ method, path, body }: Route, key: string | undefined): Promise<Response> {
  const url =
    server.url +
    path
      .replace('{org}', org.id)
      .replace('{sha256}', '0'.repeat(64))
      .replace(/\{\w+\}/g, 'none');
  return fetch(url, {
    method,
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body && body !== 'bytes' ? { 'content-type': 'application/json' } : {}),
    },
    ...(body && body !== 'bytes' ? { body: '[]' } : {}),
  });
}

describe('roles', () => {
  test.each(matrix)('%s %s answers a key of role %s as the table says', async (_, __, role, route) => {
    const response = await call(route, org.keys[role]);
    const refused = response.status === 401 || response.status === 403;
    expect(refused).toBe(!admitted[route.role].includes(role));
    await response.body?.cancel();
  });

  test.each(
    table.filter(([, r]) => r.role !== 'public' && r.method !== 'HEAD').map(([, r]) => [r.method, r.path, r] as const),
  )('%s %s without a key is 401 with a challenge', async (_, __, route) => {
    const response = await call(route, undefined);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(Problem.parse(await response.json()).code).toBe('unauthenticated');
  });
});
