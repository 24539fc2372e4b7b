import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readAll, readEvents } from '../http/event-stream.ts';
import { startAgent, submission } from '../http/work.ts';
import { createDatabase } from '../support/postgres.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  const database = await createDatabase(inject('postgresUrl'), 'server_test');
  server = await startTestServer({ database });
});
afterAll(() => server.stop());

test('a server on Postgres takes a run from its submission to its report', async () => {
  const org = await server.org();
  const agent = await startAgent(org.agent);
  const { body: run } = await org.submit.submitRun({ body: submission(org.id, { tests: ['a.spec.ts', 'b.spec.ts'] }) });
  const waited = org.read.getRun({ params: { id: run.id }, query: { wait_seconds: 20, after_version: run.version } });
  const lease = await agent.claim(2);
  expect((await waited).body.jobs.map((job) => job.status)).toEqual(['assigned', 'assigned']);
  await lease.install(1000);
  for (const id of lease.jobIds) {
    await lease.start(id);
    await lease.result(id);
  }
  const events = await readAll(readEvents((await org.read.runEvents({ params: { id: run.id }, headers: {} })).body));
  expect(events.at(-1)?.data).toMatchObject({ status: 'completed', conclusion: 'passed', counts: { passed: 2 } });
  const { body: report } = await org.read.runReport({ params: { id: run.id } });
  expect(report.run.installs).toEqual({ made: 1, avoided: 1, seconds_saved: 1 });
  expect(report.jobs.map((job) => job.attempts[0]?.tests[0]?.title)).toEqual(['logs in', 'logs in']);
  const junit = await (await org.read.runJunit({ params: { id: run.id } })).body.text();
  expect(junit).toContain('<testsuites');
});
