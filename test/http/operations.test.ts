import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../contract/routes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { submission } from './work.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const text = async (path: string) => (await fetch(server.url + path)).text();

describe('for operators', () => {
  test('livez and readyz answer without a key', async () => {
    expect(JSON.parse(await text('/livez'))).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(JSON.parse(await text('/readyz'))).toEqual({ status: 'ready' });
  });

  test('metrics count answers by route and status, and the queue, and name no organisation', async () => {
    const org = await server.org('secret-customer');
    await org.submit.submitRun({ body: submission(org.id) });
    await fetch(`${server.url}/v1/runs/run_abc`);
    const metrics = await text('/metrics');
    expect(metrics).toContain('qgjob_http_requests_total{method="POST",route="/v1/runs",status="201"} 1');
    expect(metrics).toContain('qgjob_http_requests_total{method="GET",route="/v1/runs/{id}",status="401"} 1');
    expect(metrics).toContain('qgjob_jobs_queued 1');
    expect(metrics).toContain('qgjob_devices_online 0');
    expect(metrics).not.toContain('secret-customer');
    expect(metrics).not.toContain('run_abc');
  });

  test('a request id that is sane is taken over, any other replaced', async () => {
    const idFor = async (id: string) =>
      (await fetch(`${server.url}/livez`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await idFor('deploy-42.a')).toBe('deploy-42.a');
    expect(await idFor('two words')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idFor('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('every answer carries the security headers', async () => {
    for (const path of ['/livez', '/v1/runs', '/nothing', '/docs', '/metrics']) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('what is not built yet says so with 501', async () => {
    const hook = await fetch(`${server.url}/webhooks/github`, { method: 'POST', body: '{}' });
    expect(hook.status).toBe(501);
  });
});

describe('for those who want to know the API', () => {
  test('/openapi.json has every route', async () => {
    const document = JSON.parse(await text('/openapi.json'));
    expect(document.servers).toEqual([{ url: server.url }]);
    for (const { method, path } of Object.values(routes)) {
      expect(document.paths[path]).toHaveProperty(method.toLowerCase());
    }
  });

  test('/docs names every route and every problem', async () => {
    const page = await text('/docs');
    for (const { method, path } of Object.values(routes)) expect(page).toContain(`${method} ${path}`);
    expect(page).toContain('id="lease_lost"');
  });
});
