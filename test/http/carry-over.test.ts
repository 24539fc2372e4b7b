import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SubmitRun } from '../../contract/run.ts';
import type { GithubContext } from '../../contract/words.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { jobResult, startAgent, submission, testResult } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

const workflowRun = (id: number, run_attempt: number): GithubContext => ({
  repository: 'acme/app',
  repository_id: 7,
  run_id: id,
  run_attempt,
  step: 'e2e:0:__qualgent',
});

/** Submits an attempt of a workflow run, with the idempotency key that belongs to it. */
async function submit(github: GithubContext, overrides: Partial<SubmitRun> = {}) {
  const tests = ['tests/a.spec.ts', 'tests/b.spec.ts'];
  const body = submission(org.id, { tests, github, carry_over: true, ...overrides });
  return org.submit.submitRun({ body }, { idempotencyKey: `gha:${github.run_id}:${github.run_attempt}` });
}

/** Has an agent run what waits; `failing` fails. */
async function execute(failing?: string) {
  const lease = await (await startAgent(org.agent)).claim(2);
  for (const { id, test_path } of lease.jobs) {
    await lease.start(id);
    await lease.log(id, 0, `log of ${test_path}`);
    const status = test_path === failing ? 'failed' : 'passed';
    await lease.result(id, jobResult({ outcome: status, tests: [testResult({ status, title: test_path })] }));
  }
  await lease.release();
}

describe('a submission with carry_over', () => {
  test('after an attempt that passed is answered 201 with a completed run, and the same again when repeated', async () => {
    const { body: first } = await submit(workflowRun(1, 1));
    await execute();
    const again = await submit(workflowRun(1, 2));
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({
      status: 'completed',
      conclusion: 'passed',
      attempt: 2,
      retry_of: first.id,
      counts: { total: 2, passed: 2 },
      job_counts: { total: 2, queued: 0, completed: 2 },
    });
    expect(again.body.jobs.map((job) => job.carried_from)).toEqual(first.jobs.map((job) => job.id));
    const repeated = await submit(workflowRun(1, 2));
    expect([repeated.status, repeated.body]).toEqual([201, again.body]);
  });

  test('is told to whoever asks for its report, its JUnit XML, its page, its log and its events', async () => {
    const { body: first } = await submit(workflowRun(2, 1));
    await execute('tests/b.spec.ts');
    const { body: run } = await submit(workflowRun(2, 2));
    expect(run.job_counts).toMatchObject({ total: 2, queued: 1 });
    const params = { id: run.id };
    const [passed, waiting] = (await org.read.runReport({ params })).body.jobs;
    expect(passed).toMatchObject({ carried_from: first.jobs[0]?.id, attempts: [{ number: 1, outcome: 'passed' }] });
    expect(passed?.attempts[0]?.tests.map((each) => each.title)).toEqual(['tests/a.spec.ts']);
    expect(waiting).toMatchObject({ carried_from: null, attempts: [] });
    const junit = await (await org.read.runJunit({ params })).body.text();
    expect(junit).toContain(`<property name="carried_from" value="${first.jobs[0]?.id}"/>`);
    const page = await (await server.fetch(`/runs/${run.id}`)).text();
    const carriedFrom = first.jobs[0]?.id;
    const source = `<a href="/runs/${first.id}#${carriedFrom}"><code>${carriedFrom}</code></a>`;
    expect(page).toContain(`Passed before as ${source} and was not run again.`);
    const log = await org.read.jobLog({ params: { id: passed?.id ?? '' }, headers: {} });
    expect(await log.body.text()).toBe('log of tests/a.spec.ts');
    await org.submit.cancelRun({ params });
    const events = await (await server.fetch(`/v1/runs/${run.id}/events`)).text();
    expect(events).toContain(`"carried_from":"${first.jobs[0]?.id}"`);
  });

  test('that does not say which attempt of which workflow run it is gets 422, naming what is missing', async () => {
    const refused = async (github: object | undefined) => {
      const body = JSON.stringify({ ...submission(org.id), carry_over: true, ...(github ? { github } : {}) });
      const headers = { 'content-type': 'application/json' };
      const response = await server.fetch('/v1/runs', { method: 'POST', body, headers });
      const { code, errors } = (await response.json()) as { code: string; errors: { path: string }[] };
      return [response.status, code, errors.map(({ path }) => path)];
    };
    const all = ['body.github.repository_id', 'body.github.run_id', 'body.github.run_attempt'];
    expect(await refused(undefined)).toEqual([422, 'validation_failed', all]);
    expect(await refused({ repository: 'acme/app' })).toEqual([422, 'validation_failed', all]);
    const github = { repository: 'acme/app', repository_id: 1, run_id: 2 };
    expect(await refused(github)).toEqual([422, 'validation_failed', [all[2]]]);
  });
});
