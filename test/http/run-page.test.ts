import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { jobResult, sha256, startAgent, submission, testResult } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** A run of three specs: one passed, one failed, one still waiting. */
async function halfWayRun() {
  org = await server.org();
  const tests = ['tests/cart.spec.ts', 'tests/login.spec.ts', 'tests/pay.spec.ts'];
  const { body: run } = await org.submit.submitRun({ body: submission(org.id, { tests }) });
  const lease = await (await startAgent(org.agent)).claim(2);
  await lease.install(4200);
  const [passed = '', failed = ''] = lease.jobIds;
  for (const id of [passed, failed]) await lease.start(id);
  await lease.log(failed, 0, 'log');
  await lease.result(passed);
  await lease.result(
    failed,
    jobResult({
      outcome: 'failed',
      tests: [
        testResult({
          status: 'failed',
          title_path: ['login', 'refuses a wrong password'],
          errors: [
            { message: 'expected 401, got 200', file: 'tests/login.spec.ts', line: 14, snippet: '> 14 | expect(1)' },
          ],
          attachments: [{ name: 'screen.png', content_type: 'image/png', sha256: sha256('png') }],
        }),
      ],
    }),
  );
  return { run, failed };
}

const github = { repository: 'octo/shop', repository_id: 7, head_sha: 'a5c3785ed8d6a35868bc169f07e40e889087fd2e' };

/** A completed run of two specs, of which one failed. */
async function failedRun(overrides: Parameters<typeof submission>[1]) {
  const tests = ['tests/cart.spec.ts', 'tests/login.spec.ts'];
  const { body: run } = await org.submit.submitRun({ body: submission(org.id, { tests, ...overrides }) });
  const lease = await (await startAgent(org.agent)).claim(2);
  const [passed = '', failed = ''] = lease.jobIds;
  for (const id of [passed, failed]) await lease.start(id);
  await lease.result(passed);
  const errors = [{ message: 'expected 401, got 200', file: 'tests/login.spec.ts', line: 14 }];
  await lease.result(failed, jobResult({ outcome: 'failed', tests: [testResult({ status: 'failed', errors })] }));
  return { run, passed, failed };
}

const pageOf = (id: string) =>
  fetch(`${server.url}/runs/${id}`, { headers: { authorization: `Basic ${btoa(`me:${org.keys.read}`)}` } });

describe('the page of a run', () => {
  test('shows everything known of it', async () => {
    const { run, failed } = await halfWayRun();
    const response = await pageOf(run.id);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    for (const text of [
      run.id,
      'tests/cart.spec.ts',
      'tests/pay.spec.ts',
      '2 tests: 1 passed, 1 failed, 0 flaky, 0 skipped · 2 of 3 jobs completed',
      '1 made, 1 avoided, 4.2 s saved',
      'pixel',
      'bench-1',
      'Attempt 1',
      'Installed the app in 4.2 s.',
      'login › refuses a wrong password',
      'tests/login.spec.ts:14</span>\nexpected 401, got 200',
      `href="/v1/jobs/${failed}/log"`,
      `href="/v1/blobs/${sha256('png')}" download="screen.png"`,
      `href="/v1/runs/${run.id}/report.json"`,
      `href="/v1/runs/${run.id}/junit.xml"`,
    ]) {
      expect(page).toContain(text);
    }
  });

  test('tells what went wrong first, with links to the lines of the tested commit, and where it comes from', async () => {
    org = await server.org();
    const { run } = await failedRun({
      github: { ...github, host: 'ghe.example', pull_request: 7, run_id: 99, run_attempt: 2, project_dir: 'e2e' },
    });
    const page = await (await pageOf(run.id)).text();
    const home = 'https://ghe.example/octo/shop';
    for (const text of [
      'Failed tests',
      `<a class="path" href="${home}/blob/${github.head_sha}/e2e/tests/login.spec.ts#L14"`,
      `href="${home}/commit/${github.head_sha}"`,
      `href="${home}/pull/7"`,
      `href="${home}/actions/runs/99/attempts/2"`,
      'had no GitHub App on ghe.example',
    ]) {
      expect(page).toContain(text);
    }
  });

  test('tells why a run waits and when it should start', async () => {
    org = await server.org();
    const { body: run } = await org.submit.submitRun({ body: submission(org.id) });
    expect(await (await pageOf(run.id)).text()).toContain('No device of target emulator is registered.');
    await startAgent(org.agent);
    const page = await (await pageOf(run.id)).text();
    expect(page).toContain('Why the next job waits:');
    expect(page).toContain('It should start in less than a minute.');
  });

  test('of a commit from a fork tells that it waits for approval', async () => {
    org = await server.org();
    const { body: run } = await org.submit.submitRun({
      body: submission(org.id, { github: { ...github, from_fork: true, pull_request: 7 } }),
    });
    expect(await (await pageOf(run.id)).text()).toContain('Waits for approval.');
  });

  test('leads to the run before it, to those after it, and to where a result was taken over from', async () => {
    org = await server.org();
    const { run, passed } = await failedRun({});
    const { body: retry } = await org.submit.retryRun({ params: { id: run.id }, body: { only_failed: true } });
    const page = await (await pageOf(retry.id)).text();
    expect(page).toContain(`again what <a href="/runs/${run.id}">${run.id}</a> did`);
    expect(page).toContain('Not run again');
    expect(page).toContain(`<a href="/runs/${run.id}#${passed}">`);
    expect(await (await pageOf(run.id)).text()).toContain(`<a href="/runs/${retry.id}">${retry.id}</a>`);
  });

  test('loads itself again while the run goes on, and then no more', async () => {
    const { run } = await halfWayRun();
    expect(await (await pageOf(run.id)).text()).toContain('http-equiv="refresh"');
    await org.submit.cancelRun({ params: { id: run.id } });
    const ended = await (await pageOf(run.id)).text();
    expect(ended).not.toContain('http-equiv="refresh"');
    expect(ended).toContain('✗ failed');
  });

  test('takes no script at all, and only its own style', async () => {
    const { run } = await halfWayRun();
    const policy = (await pageOf(run.id)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/style-src 'sha256-[A-Za-z0-9+/=]+'(;|$)/);
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('script-src');
  });

  test('of an unknown run, or of another organisation, is 404', async () => {
    const { run } = await halfWayRun();
    org = await server.org();
    expect((await pageOf(run.id)).status).toBe(404);
    expect((await pageOf('run_none')).status).toBe(404);
  });
});
