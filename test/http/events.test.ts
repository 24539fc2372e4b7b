import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Job } from '../../contract/job.ts';
import { RunSummary } from '../../contract/run.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { readAll, readEvents, readUntil } from './event-stream.ts';
import { startAgent, submission, testResult } from './work.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** A run of its organisation's only agent, whose job is claimed and running. */
async function startRun() {
  const org = await server.org();
  const run = (await org.submit.submitRun({ body: submission(org.id) })).body;
  const lease = await (await startAgent(org.agent)).claim();
  const jobId = lease.jobIds[0] ?? '';
  await lease.start(jobId);
  return { org, run, lease, jobId };
}

const open = (org: TestOrg, id: string, lastEventId?: string) =>
  org.read.runEvents({ params: { id }, headers: { 'last-event-id': lastEventId } }).then(({ body }) => body);

describe('the events of a run', () => {
  test('tell jobs, tests and logs while they happen, and end with the run', async () => {
    const { org, run, lease, jobId } = await startRun();
    const response = await open(org, run.id);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = readEvents(response);

    const [job] = await readUntil(events, 'run');
    expect(job).toMatchObject({ event: 'job', data: { id: jobId, status: 'running' } });

    await lease.tests(jobId, [testResult()]);
    const [told] = await readUntil(events, 'test');
    expect(told?.data).toMatchObject({ job_id: jobId, attempt: 1, tests: [{ title: 'logs in', status: 'passed' }] });

    await lease.log(jobId, 0, 'hello\n');
    const log = (await readUntil(events, 'log')).at(-1);
    expect(log).toMatchObject({ id: undefined, data: { job_id: jobId, attempt: 1, size: 6 } });

    await lease.result(jobId);
    const last = await readAll(events);
    expect(last.map(({ event }) => event)).toEqual(['job', 'run']);
    expect(Job.parse(last[0]?.data)).toMatchObject({ status: 'completed', conclusion: 'passed' });
    expect(RunSummary.parse(last[1]?.data)).toMatchObject({ status: 'completed', counts: { passed: 1 } });
  });

  test('have ids that rise, and who resumes at one misses nothing and sees nothing twice', async () => {
    const { org, run, lease, jobId } = await startRun();
    for (const title of ['one', 'two', 'three']) await lease.tests(jobId, [testResult({ id: title, title })]);
    await lease.result(jobId);
    const all = await readAll(readEvents(await open(org, run.id)));
    const ids = all.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    for (const [at, { id }] of all.entries()) {
      if (id === undefined) continue;
      const rest = await readAll(readEvents(await open(org, run.id, id)));
      expect(rest).toEqual(at === all.length - 1 ? all.slice(-1) : all.slice(at + 1));
    }
  });

  test('come in order where there are more than fit in one look', async () => {
    const { org, run, lease, jobId } = await startRun();
    for (let i = 0; i < 510; i++) await lease.tests(jobId, [testResult({ id: `t${i}`, title: `t${i}` })]);
    await lease.result(jobId);
    const all = await readAll(readEvents(await open(org, run.id)));
    const titles = all.flatMap(({ event, data }) =>
      event === 'test' ? (data.tests as { title: string }[]).map(({ title }) => title) : [],
    );
    expect(titles).toEqual(Array.from({ length: 510 }, (_, i) => `t${i}`));
    // told once, with its last state: not with every batch before it
    expect(all.filter(({ event }) => event === 'job')).toHaveLength(1);
    expect(all.slice(-2).map(({ event }) => event)).toEqual(['job', 'run']);
  });

  test('of a run that has completed tell how it ended, and end', async () => {
    const org = await server.org();
    const { body } = await org.submit.submitRun({ body: submission(org.id) });
    await org.submit.cancelRun({ params: { id: body.id } });
    const all = await readAll(readEvents(await open(org, body.id)));
    expect(all.at(-1)).toMatchObject({ event: 'run', data: { status: 'completed', conclusion: 'cancelled' } });
  });

  test('of an unknown run are 404, not a stream', async () => {
    const org = await server.org();
    await expect(open(org, 'run_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('with a Last-Event-ID that is none are 422', async () => {
    const { org, run } = await startRun();
    await expect(open(org, run.id, 'x')).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
