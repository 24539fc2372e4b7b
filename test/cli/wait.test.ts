import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../contract/run.ts';
import { qgjob, startCli } from './support/cli.ts';
import { type Answers, type FakeServer, startFakeServer } from './support/fake-server.ts';
import { folderWith } from './support/project.ts';
import { aJob, anAttempt, aRun, aTest, completedRun, reportOf } from './support/resources.ts';

const never = new Promise<never>(() => {});
const submit = ['submit', '--org-id=o', '--app-version-id=v', '--test=tests/a.spec.ts', '--wait'];

/** A server whose run is `states[0]`, and goes on to the next state each time somebody waits for a change. */
function following(states: Run[], over: Answers = {}): Answers {
  let at = 0;
  const now = () => states[Math.min(at, states.length - 1)] ?? aRun();
  return {
    submitRun: () => ({ status: 201, body: aRun() }),
    getRun: ({ query }) => {
      if (query.wait_seconds && query.after_version === now().version) at++;
      return { status: 200, body: now() };
    },
    runReport: () => ({ status: 200, body: reportOf(now()) }),
    renewRunLease: () => ({ status: 200, body: { expires_in_ms: 120_000 } }),
    ...over,
  };
}

const jobs = (version: number, over: Parameters<typeof aJob>[0] = {}) => [
  aJob({ test_path: 'tests/a.spec.ts', version, ...over }),
];
const queued = aRun({ version: 1, jobs: jobs(1) });
const running = aRun({
  status: 'running',
  version: 2,
  jobs: jobs(2, { status: 'running', attempts: [anAttempt()] }),
});
const ended = (conclusion: NonNullable<Run['conclusion']>, job: Parameters<typeof aJob>[0] = {}) =>
  completedRun({ conclusion, version: 3, jobs: jobs(3, { status: 'completed', conclusion, ...job }) });

function options(server: FakeServer) {
  return { cwd: folderWith({}), env: { QGJOB_SERVER_URL: server.url } };
}

test('a run is followed by long poll, with one plain line per event in a pipe', async () => {
  const server = await startFakeServer(following([queued, running, ended('passed')]));
  const { code, stdout } = await qgjob(submit, options(server));
  expect(code).toBe(0);
  expect(stdout.split('\n').filter((line) => line.includes('tests/a.spec.ts'))).toEqual([
    '· tests/a.spec.ts  queued',
    '▸ tests/a.spec.ts  running on pixel-1',
    '✓ tests/a.spec.ts  passed',
  ]);
  expect(stdout).not.toContain('\x1b');
  const polls = server.asked.filter((request) => request.route === 'getRun').map((request) => request.path);
  expect(polls).toEqual([
    '/v1/runs/run_1',
    '/v1/runs/run_1?wait_seconds=50&after_version=1',
    '/v1/runs/run_1?wait_seconds=50&after_version=2',
  ]);
});

test('a client that waits says so, so that the run ends should it vanish', async () => {
  const server = await startFakeServer(following([ended('passed')]));
  await qgjob(submit, options(server));
  expect(server.asked[0]?.body).toMatchObject({ client_lease_seconds: 120 });
});

test.each([
  ['passed', null, 0],
  ['failed', 'test_failed', 1],
  ['no_tests', 'no_tests', 3],
  ['infra_error', 'no_compatible_device', 18],
  ['cancelled', 'cancelled_by_user', 19],
  ['superseded', 'superseded', 19],
  ['infra_error', 'infrastructure', 20],
  ['timed_out', 'job_timeout', 124],
] as const)('a run that ends as %s (%s) is exit %i', async (conclusion, reason_code, code) => {
  const server = await startFakeServer(following([ended(conclusion, { reason_code })]));
  const waited = await qgjob(submit, options(server));
  const asked = await qgjob(['status', '--run-id=run_1', '--exit-status'], options(server));
  expect([waited.code, asked.code]).toEqual([code, code]);
});

test('wait and status --watch exit as the run ended, status alone only says whether it could be shown', async () => {
  const server = await startFakeServer(following([ended('failed')]));
  const args = [
    ['wait', 'run_1'],
    ['status', 'run_1', '--watch'],
    ['status', 'run_1'],
  ];
  const codes = args.map(async (each) => (await qgjob(each, options(server))).code);
  expect(await Promise.all(codes)).toEqual([1, 1, 0]);
});

test('--fail-on decides what fails the command', async () => {
  const server = await startFakeServer(following([ended('infra_error')]));
  const codes = ['infra', 'tests', 'never'].map(async (what) => {
    return (await qgjob([...submit, '--fail-on', what], options(server))).code;
  });
  expect(await Promise.all(codes)).toEqual([20, 0, 0]);
});

describe('a completed run', () => {
  const attempt = anAttempt({
    outcome: 'failed',
    duration_ms: 2100,
    counts: { total: 2, passed: 1, failed: 1, flaky: 0, skipped: 0 },
  });
  const run: Run = {
    ...ended('failed', { attempts: [attempt], counts: attempt.counts }),
    counts: attempt.counts,
    job_counts: { total: 16, queued: 0, active: 0, completed: 16 },
    installs: { made: 2, avoided: 14, seconds_saved: 200 },
  };
  const failing = aTest({
    status: 'failed',
    errors: [{ message: 'Expected: 10\nReceived: 9', file: 'tests/pages/cart.ts', line: 42 }],
  });
  const tests = { job_1: [{ ...failing, retry: 1 }, failing, aTest({ id: 't2' })] };
  const answers = following([run], {
    runReport: () => ({ status: 200, body: reportOf(run, tests) }),
    runJunit: () => ({ status: 200, body: '<testsuites/>' }),
  });

  test('is told with each failure once, at its file and line, and with its installs', async () => {
    const server = await startFakeServer(answers);
    const { stdout } = await qgjob(submit, options(server));
    expect(stdout).toMatch(
      /\n✗ tests\/pages\/cart\.ts:42 {2}Checkout › shows the total\n {4}Expected: 10\n {4}Received: 9\n\n/,
    );
    expect(stdout.match(/Received: 9/g)).toHaveLength(1);
    expect(stdout).toMatch(/\n✗ failed: 16 jobs, 2 tests: 1 failed, 34 s\n/);
    expect(stdout).toMatch(/\n2 installs for 16 jobs, 14 avoided \(3 min 20 s saved\)\n$/);
  });

  test('is written to files as JUnit and as JSON, in folders made for them', async () => {
    const server = await startFakeServer(answers);
    const { cwd, env } = options(server);
    const { code } = await qgjob([...submit, '--junit=out/junit.xml', '--report=out/report.json'], { cwd, env });
    expect(code).toBe(1);
    expect(readFileSync(join(cwd, 'out/junit.xml'), 'utf8')).toBe('<testsuites/>');
    expect(JSON.parse(readFileSync(join(cwd, 'out/report.json'), 'utf8'))).toEqual(reportOf(run, tests));
  });

  test('is the only thing on stdout with --output json, while progress and failures go to stderr', async () => {
    const server = await startFakeServer(answers);
    const { stdout, stderr } = await qgjob([...submit, '--output=json'], options(server));
    expect(JSON.parse(stdout)).toEqual(run);
    expect(stderr).toContain('tests/pages/cart.ts:42');
  });

  test('leaves only the id on stdout with --output id', async () => {
    const server = await startFakeServer(answers);
    expect((await qgjob([...submit, '--output=id'], options(server))).stdout).toBe('run_1\n');
    expect((await qgjob(['wait', 'run_1', '--output=id'], options(server))).stdout).toBe('run_1\n');
  });
});

test('a spec that does not load is told with what the runner said', async () => {
  const run = ended('failed', {
    attempts: [
      anAttempt({
        outcome: 'load_error',
        errors: [{ message: 'SyntaxError: Unexpected token', file: 'tests/a.spec.ts', line: 3 }],
      }),
    ],
  });
  const server = await startFakeServer(following([run]));
  const { stdout } = await qgjob(submit, options(server));
  expect(stdout).toMatch(/✗ tests\/a\.spec\.ts:3 {2}load error\n {4}SyntaxError: Unexpected token/);
});

test('hostile text of tests, devices and servers reaches the output harmless', async () => {
  const evil = 'x\x1b]0;owned\x07\x1b[2J\x9b31m\u202ey';
  const attempt = anAttempt({ device: evil, outcome: 'failed' });
  const run = ended('failed', { test_path: evil, reason: evil, attempts: [attempt] });
  const tests = { job_1: [aTest({ status: 'failed', file: evil, title_path: [evil], errors: [{ message: evil }] })] };
  const server = await startFakeServer({
    ...following([run], { runReport: () => ({ status: 200, body: reportOf(run, tests) }) }),
    getJob: () => ({ status: 200, body: run.jobs[0] ?? aJob() }),
    listJobs: () => ({ status: 200, body: { items: run.jobs, next_cursor: null } }),
    jobLog: () => ({ status: 200, body: `${evil}\n` }),
    explainJob: () => ({ problem: 'not_found', detail: evil }),
  });
  const results = await Promise.all([
    qgjob(submit, options(server)),
    qgjob([...submit, '--output=json'], options(server)),
    qgjob(['status', '--job-id=job_1'], options(server)),
    qgjob(['status', '--run-id=run_1'], options(server)),
    qgjob(['list', '--jobs'], options(server)),
    qgjob(['logs', '--job-id=job_1'], options(server)),
    qgjob(['explain', '--job-id=job_1'], options(server)),
  ]);
  for (const { stdout, stderr } of results) {
    expect(stdout + stderr).toMatch(/xy|x\\u001b/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(stdout + stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

test('Ctrl-C cancels the run and is exit 130', async () => {
  const server = await startFakeServer(
    following([queued], {
      getRun: ({ query }) => (query.wait_seconds ? never : { status: 200, body: queued }),
      cancelRun: () => ({ status: 202, body: ended('cancelled') }),
    }),
  );
  const waiting = startCli(submit, options(server));
  await waiting.said('stdout', /queued/);
  waiting.process.kill('SIGINT');
  const { code, stderr } = await waiting.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/\nCancelled run_1\.\n$/);
  expect(server.asked.filter((request) => request.route === 'cancelRun')).toHaveLength(1);
});

test('a Ctrl-C that arrives twice, from the terminal and from npx, counts once', async () => {
  const server = await startFakeServer(
    following([queued], {
      getRun: ({ query }) => (query.wait_seconds ? never : { status: 200, body: queued }),
      cancelRun: () => ({ status: 202, body: ended('cancelled') }),
    }),
  );
  const waiting = startCli(submit, options(server));
  await waiting.said('stdout', /queued/);
  waiting.process.kill('SIGINT');
  waiting.process.kill('SIGTERM');
  expect(await waiting.ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/Cancelled run_1/) });
});

test('Ctrl-C gives up after five seconds on a server that does not answer', async () => {
  const server = await startFakeServer(
    following([queued], {
      getRun: ({ query }) => (query.wait_seconds ? never : { status: 200, body: queued }),
      cancelRun: () => never,
    }),
  );
  const waiting = startCli(submit, options(server));
  await waiting.said('stdout', /queued/);
  const startedAt = performance.now();
  waiting.process.kill('SIGTERM');
  expect(await waiting.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('did not confirm') });
  expect(performance.now() - startedAt).toBeLessThan(7000);
});

test("Ctrl-C leaves a run alone that was somebody else's first", async () => {
  const server = await startFakeServer(
    following([queued], {
      submitRun: () => ({ status: 200, body: { ...aRun(), deduplicated: true } }),
      getRun: ({ query }) => (query.wait_seconds ? never : { status: 200, body: queued }),
    }),
  );
  const waiting = startCli(submit, options(server));
  await waiting.said('stdout', /active already: run_1[\s\S]*queued/);
  waiting.process.kill('SIGINT');
  expect(await waiting.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('run_1 goes on') });
  expect(server.asked.some((request) => request.route === 'cancelRun')).toBe(false);
});

test('a restart of the server is waited out', async () => {
  const waited = Promise.withResolvers<void>();
  const server = await startFakeServer(
    following([queued], {
      getRun: ({ query }) => {
        if (!query.wait_seconds) return { status: 200, body: queued };
        waited.resolve();
        return never;
      },
    }),
  );
  const waiting = startCli(submit, options(server));
  await waited.promise;
  await server.stop();
  await waiting.said('stdout', /waiting for it, the run goes on/);
  server.answers.getRun = () => ({ status: 200, body: ended('passed') });
  await server.start();
  const { code, stdout } = await waiting.ended;
  expect(code).toBe(0);
  expect(stdout).toContain('The server answers again.');
});

test('a proxy that answers 502 for a while is waited out', async () => {
  let refusals = 3;
  const server = await startFakeServer(
    following([], {
      getRun: () =>
        refusals-- > 0 ? { raw: { status: 502, body: 'Bad gateway' } } : { status: 200, body: ended('passed') },
    }),
  );
  expect(await qgjob(submit, options(server))).toMatchObject({ code: 0 });
});

test('a key that is revoked meanwhile ends the waiting with exit 4', async () => {
  const server = await startFakeServer(following([], { getRun: () => ({ problem: 'unauthenticated' }) }));
  expect(await qgjob(submit, options(server))).toMatchObject({ code: 4 });
});

test('an unknown id is exit 2', async () => {
  const server = await startFakeServer({ getJob: () => ({ problem: 'not_found', detail: 'There is no job abc456.' }) });
  const { code, stderr } = await qgjob(['status', '--job-id=abc456'], options(server));
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: There is no job abc456.\n' });
});

test('wait --timeout gives up with exit 124 and leaves the run alone', async () => {
  const server = await startFakeServer({
    getRun: ({ query }) => (query.wait_seconds ? never : { status: 200, body: queued }),
  });
  const { code, stderr } = await qgjob(['wait', 'run_1', '--timeout=1s'], options(server));
  expect({ code, stderr }).toEqual({ code: 124, stderr: 'run_1 has not completed in that time; it goes on.\n' });
});

test('a file that cannot be written is exit 2, and says which', async () => {
  const server = await startFakeServer(following([ended('passed')]));
  const { cwd, env } = options(server);
  writeFileSync(join(cwd, 'taken'), '');
  const { code, stderr } = await qgjob([...submit, '--report=taken/report.json'], { cwd, env });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: .*taken\/report\.json cannot be written: /m);
});
