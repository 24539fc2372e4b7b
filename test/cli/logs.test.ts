import { expect, test } from 'vitest';
import { qgjob } from './support/cli.ts';
import { startFakeServer } from './support/fake-server.ts';
import { aJob, anAttempt, aRun } from './support/resources.ts';

test("a log's whole text is printed, without its colours", async () => {
  const server = await startFakeServer({ jobLog: () => ({ status: 200, body: 'one\n\x1b[31mtwo\x1b[0m' }) });
  const { code, stdout } = await qgjob(['logs', '--job-id=job_1', '--server', server.url]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\n' });
});

test('-f prints what is added, over attempts, until the job has completed', async () => {
  const log = { 1: 'one\ntwo \x1b[3', 2: 'again\n' } as Record<number, string>;
  let looks = 0;
  const server = await startFakeServer({
    getJob: () => {
      looks++;
      if (looks === 2) log[1] += '1mred\n';
      const attempts = [anAttempt(), ...(looks > 2 ? [anAttempt({ number: 2 })] : [])];
      const body = aJob(
        looks > 3 ? { status: 'completed', conclusion: 'passed', attempts } : { status: 'running', attempts },
      );
      return { status: 200, body };
    },
    jobLog: ({ query, headers }) => {
      const text = log[query.attempt ?? 0] ?? '';
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      if (from > 0 && from >= text.length) return { problem: 'range_not_satisfiable' };
      return { status: from > 0 ? 206 : 200, body: text.slice(from) };
    },
  });
  const { code, stdout, stderr } = await qgjob(['logs', '-f', '--job-id=job_1', '--server', server.url]);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: 'one\ntwo red\nagain\n',
    stderr: '--- attempt 2 of tests/onboarding.spec.js\n',
  });
});

test("a run's log is that of each of its jobs, headed by its test", async () => {
  const jobs = [aJob({ id: 'job_1', test_path: 'a.spec.ts' }), aJob({ id: 'job_2', test_path: 'b.spec.ts' })];
  const server = await startFakeServer({
    getRun: () => ({ status: 200, body: aRun({ jobs }) }),
    jobLog: ({ params }) => ({ status: 200, body: `log of ${params.id}\n` }),
  });
  const { stdout, stderr } = await qgjob(['logs', '--run-id=run_1', '--server', server.url]);
  expect(stdout).toBe('log of job_1\nlog of job_2\n');
  expect(stderr).toBe('==> a.spec.ts (job_1)\n==> b.spec.ts (job_2)\n');
});
