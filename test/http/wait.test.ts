import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { startAgent, submission } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

const submit = async () => (await org.submit.submitRun({ body: submission(org.id, { dedupe: false }) })).body;
const elapsed = async (work: Promise<unknown>) => {
  const since = performance.now();
  await work;
  return performance.now() - since;
};

describe('waiting for a run', () => {
  test('answers at once what is newer than the version seen', async () => {
    const run = await submit();
    const waited = org.read.getRun({ params: { id: run.id }, query: { wait_seconds: 20, after_version: 0 } });
    expect(await elapsed(waited)).toBeLessThan(2_000);
    expect((await waited).body.version).toBe(run.version);
  });

  test('answers when something changes', async () => {
    const run = await submit();
    const waited = org.read.getRun({
      params: { id: run.id },
      query: { wait_seconds: 20, after_version: run.version },
    });
    await org.submit.cancelRun({ params: { id: run.id } });
    expect((await waited).body).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
  });

  test('answers the same again when the time is up', async () => {
    const run = await submit();
    const waited = org.read.getRun({ params: { id: run.id }, query: { wait_seconds: 1, after_version: run.version } });
    expect(await elapsed(waited)).toBeGreaterThan(900);
    expect((await waited).body).toEqual(run);
  });

  test('works for a job as well', async () => {
    const run = await submit();
    const id = run.jobs[0]?.id ?? '';
    const waited = org.read.getJob({ params: { id }, query: { wait_seconds: 20, after_version: 1 } });
    await org.submit.cancelJob({ params: { id } });
    expect((await waited).body.conclusion).toBe('cancelled');
  });

  test('for longer than 55 s is 422', async () => {
    const run = await submit();
    const asked = org.read.getRun({ params: { id: run.id }, query: { wait_seconds: 56 } });
    await expect(asked).rejects.toMatchObject({ code: 'validation_failed' });
  });

  test('of a hundred clients ends for all with one change', async () => {
    const run = await submit();
    const query = { wait_seconds: 20, after_version: run.version };
    const waiting = Array.from({ length: 100 }, () => org.read.getRun({ params: { id: run.id }, query }));
    await org.submit.cancelRun({ params: { id: run.id } });
    const answers = await Promise.all(waiting);
    expect(answers.every(({ body }) => body.status === 'completed')).toBe(true);
  });
});

describe('waiting for work', () => {
  test('answers when a job arrives', async () => {
    const other = await server.org();
    const agent = await startAgent(other.agent);
    const claimed = other.agent.claim({ params: { id: agent.id }, body: { device_id: 'pixel', wait_seconds: 20 } });
    const { body: job } = await other.submit.submitJob({
      body: { org_id: other.id, app_version_id: '1.0', target: 'emulator', test_path: 'a.spec.ts' },
    });
    expect((await claimed).body).toMatchObject({
      jobs: [{ id: job.id, attempt: 1, test_path: 'a.spec.ts', bundle: null }],
      app_version: { org_id: other.id, app_version_id: '1.0', sha256: null, url: null },
      install_required: true,
    });
  });

  test('answers 204 when the time is up', async () => {
    const other = await server.org();
    const agent = await startAgent(other.agent);
    const claim = other.agent.claim({ params: { id: agent.id }, body: { device_id: 'pixel', wait_seconds: 1 } });
    expect(await elapsed(claim)).toBeGreaterThan(900);
    expect(await claim).toMatchObject({ status: 204, body: null });
  });
});
