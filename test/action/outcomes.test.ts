import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunReport } from '../../contract/run.ts';
import { runStep, startStep } from '../support/runner/run-step.ts';
import { commandsOf, over, projectDir, useBench } from './support/bench.ts';

const bench = useBench();
const headSha = 'a'.repeat(40);

test('tests that pass: success, outputs, a line for each file, a summary, and no annotation', async () => {
  const result = await over(runStep(bench.step(['passes.spec.ts', 'quick.spec.ts'])));
  expect(result).toMatchObject({ exitCode: 0, conclusion: 'success', annotations: [] });
  expect(result.outputs).toMatchObject({
    'run-id': expect.stringMatching(/^run_/),
    'run-url': expect.stringContaining(`${bench.server.url}/runs/run_`),
    status: 'completed',
    conclusion: 'passed',
    total: '2',
    passed: '2',
    failed: '0',
    flaky: '0',
    skipped: '0',
    'app-version-id': '1.0',
    installs: expect.stringMatching(/^\d+$/),
    'installs-avoided': expect.stringMatching(/^\d+$/),
    'queue-seconds': expect.stringMatching(/^\d+$/),
    'run-seconds': expect.stringMatching(/^\d+$/),
  });
  expect(JSON.parse(result.outputs['job-ids'] ?? '')).toEqual([
    expect.stringMatching(/^job_/),
    expect.stringMatching(/^job_/),
  ]);
  expect(JSON.parse(result.outputs['results-json'] ?? '')).toMatchObject({
    run_id: result.outputs['run-id'],
    conclusion: 'passed',
    counts: { total: 2, passed: 2 },
    jobs: [
      { test_path: 'tests/passes.spec.ts', conclusion: 'passed' },
      { test_path: 'tests/quick.spec.ts', conclusion: 'passed' },
    ],
    jobs_left_out: 0,
  });
  expect(result.lines.filter((line) => /^✓ tests\/\w+\.spec\.ts {2}passed, 1 test, /.test(line))).toHaveLength(2);
  expect(result.summary).toMatch(/^## ✅ qgjob: passed, 2 tests in 2 test files\n/);
  expect(result.summary).toContain('### Slowest tests');
  expect(result.summary).toMatch(/\| Installs \| \d+ made, \d+ avoided/);
  expect(commandsOf(result)).toEqual([]);
  expect(result.post).toMatchObject({ exitCode: 0, lines: [] });
});

test('a test that fails: failure, annotated at its line in the workspace, the summary links to the tested commit', async () => {
  const event = { name: 'pull_request', payload: pullRequest(headSha) };
  const result = await over(runStep(bench.step(['quick.spec.ts', 'fails.spec.ts'], {}, { event })));
  expect(result).toMatchObject({ exitCode: 1, conclusion: 'failure' });
  expect(result.outputs).toMatchObject({ conclusion: 'failed', total: '2', passed: '1', failed: '1' });
  expect(result.annotations).toEqual([
    {
      kind: 'error',
      title: expect.stringContaining('adds up'),
      message: expect.stringContaining('the total'),
      file: `${projectDir}/tests/fails.spec.ts`,
      line: '4',
      properties: {},
    },
  ]);
  expect(result.summary).toMatch(/^## ❌ qgjob: failed: 1 of 2 test files did not pass\n/);
  expect(result.summary).toContain(
    `](https://github.com/qualgent/shop/blob/${headSha}/${projectDir}/tests/fails.spec.ts#L4)`,
  );
  expect(result.lines.join('\n')).toMatch(/✗ tests\/fails\.spec\.ts {2}failed, 1 test: 1 failed/);
  expect(result.lines.join('\n')).toContain('Expected: 3');
});

test('a flaky test passes, with a warning', async () => {
  const result = await over(runStep(bench.step(['flaky.spec.ts'])));
  expect(result).toMatchObject({ exitCode: 0, conclusion: 'success' });
  expect(result.outputs).toMatchObject({ conclusion: 'passed', flaky: '1', failed: '0' });
  expect(result.annotations).toMatchObject([
    { kind: 'warning', title: expect.stringMatching(/^Flaky: .*blinks$/), file: `${projectDir}/tests/flaky.spec.ts` },
  ]);
  expect(result.summary).toContain('### Flaky: failed, then passed');
});

test('files without a test fail as no_tests', async () => {
  const result = await over(runStep(bench.step(['empty.spec.ts'])));
  expect(result).toMatchObject({ exitCode: 1, conclusion: 'failure', outputs: { conclusion: 'no_tests', total: '0' } });
  expect(result.summary).toMatch(/^## ❌ qgjob: no test was run\n/);
  expect(result.annotations).toMatchObject([{ kind: 'error', file: `${projectDir}/tests/empty.spec.ts` }]);
});

test('a glob that matches nothing fails, and names itself and where it was looked for', async () => {
  const result = await over(runStep(bench.step(['nothing-*.spec.ts'])));
  expect(result).toMatchObject({ exitCode: 1, outputs: {} });
  expect(result.annotations).toMatchObject([
    { kind: 'error', message: expect.stringMatching(/'tests\/nothing-\*\.spec\.ts'[\s\S]*apps\/shop\/e2e/) },
  ]);
});

test('an infrastructure failure is one error without a file, and is forgiven by fail-on: tests', async () => {
  const lab = await brokenLab('infra-1');
  const inputs = { target: 'device', 'infra-retries': '0', devices: 'label=infra-1' };
  const step = startStep(bench.step(['passes.spec.ts', 'quick.spec.ts'], inputs));
  await lab.failAll(2);
  const result = await over(step.ended);
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'infra_error' } });
  expect(result.annotations).toEqual([
    {
      kind: 'error',
      title: 'Infrastructure, not a test',
      message: expect.stringContaining('adb went away'),
      properties: {},
    },
  ]);
  expect(result.annotations[0]?.message).toMatch(/^2 test files/);
  expect(result.summary).toMatch(/^## ⚠️ qgjob: infrastructure failed, not a test: 2 of 2 test files did not pass\n/);

  const forgiving = startStep(bench.step(['passes.spec.ts'], { ...inputs, 'fail-on': 'tests' }));
  await lab.failAll(1);
  expect(await over(forgiving.ended)).toMatchObject({ exitCode: 0, outputs: { conclusion: 'infra_error' } });
});

test('fail-on: never succeeds with a failed test, and still annotates it', async () => {
  const result = await over(runStep(bench.step(['fails.spec.ts'], { 'fail-on': 'never' })));
  expect(result).toMatchObject({ exitCode: 0, conclusion: 'success', outputs: { conclusion: 'failed' } });
  expect(result.annotations).toHaveLength(1);
  const silent = await over(runStep(bench.step(['fails.spec.ts'], { annotations: 'false' })));
  expect(silent).toMatchObject({
    exitCode: 1,
    annotations: [{ message: expect.stringMatching(/^qgjob failed: 1 test/) }],
  });
});

test('a job beyond its limit is timed out, and says which limit', async () => {
  const result = await over(runStep(bench.step(['hangs.spec.ts'], { timeout: '3s' })));
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'timed_out' } });
  expect(result.summary).toMatch(/^## ⏱️ qgjob: timed out/);
  expect(result.lines.join('\n')).toMatch(/tests\/hangs\.spec\.ts {2}timed out, .*3 s/);
});

test('without a device the queue timeout ends it, as infrastructure', async () => {
  const inputs = { target: 'browserstack', 'queue-timeout': '1s' };
  const result = await over(runStep(bench.step(['quick.spec.ts'], inputs)));
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'timed_out' } });
  expect(result.annotations).toMatchObject([
    { title: 'Infrastructure, not a test', message: expect.stringContaining('No device that fits was online') },
  ]);
  expect(result.annotations[0]).not.toHaveProperty('file');
});

test('report-dir gets every result as JSON and as JUnit XML', async () => {
  const result = await over(runStep(bench.step(['fails.spec.ts'], { 'report-dir': 'out/results' })));
  const folder = join(bench.workspace, 'out/results');
  expect(result.outputs['junit-path']).toBe(join(folder, 'junit.xml'));
  expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toMatch(/<testsuites [^>]*failures="1"/);
  const report = RunReport.parse(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')));
  expect(report.run.id).toBe(result.outputs['run-id']);
});

test('wait: false ends once the run is accepted, with its ids, and leaves it alone', async () => {
  const result = await over(runStep(bench.step(['quick.spec.ts'], { wait: 'false', target: 'device' })));
  expect(result).toMatchObject({ exitCode: 0, annotations: [] });
  expect(result.outputs).toMatchObject({
    status: 'queued',
    'run-id': expect.any(String),
    'job-ids': expect.any(String),
  });
  expect(result.outputs).not.toHaveProperty('conclusion');
  expect(result.summary).toMatch(/^## 🕓 qgjob: submitted\n\n1 test file in \[run_/);
  expect(result.post).toMatchObject({ lines: [] });
  const { body } = await bench.server.operator.getRun({ params: { id: result.outputs['run-id'] ?? '' } });
  expect(body).toMatchObject({ status: 'queued', jobs: [{ cancel_requested: false }] });
});

test('a job gets its line in the log the moment it has ended', async () => {
  const step = startStep(bench.step(['quick.spec.ts']));
  await step.said(/^✓ tests\/quick/);
  const seenAt = Date.now();
  const { outputs } = await over(step.ended);
  const { body } = await bench.server.operator.getRun({ params: { id: outputs['run-id'] ?? '' } });
  const latencyMs = seenAt - Date.parse(body.jobs[0]?.completed_at ?? '');
  console.info(`from a job's end to its line in the log: ${latencyMs} ms`);
  // what polling at a fixed interval would take; the figure itself is far below
  expect(latencyMs).toBeLessThan(2_000);
});

function pullRequest(sha: string) {
  const repo = { full_name: 'qualgent/shop' };
  return { pull_request: { number: 7, head: { sha, repo }, base: { repo } }, repository: repo };
}

/** An agent on which nothing works: whatever it is given, it reports an infrastructure failure. */
async function brokenLab(label: string) {
  const { agent: client } = bench.org;
  const device = { id: 'broken', target: 'device' as const, platform: 'android' as const, labels: [label] };
  const { body } = await client.registerAgent({ body: { name: 'broken', devices: [device] } });
  const id = body.agent.id;
  return {
    async failAll(jobs: number): Promise<void> {
      for (let failed = 0; failed < jobs; ) {
        const claim = (await client.claim({ params: { id }, body: { device_id: 'broken', wait_seconds: 20 } })).body;
        if (!claim) continue;
        const headers = { 'qgjob-lease-token': claim.lease.token };
        for (const { id: job_id } of claim.jobs) {
          const of = { params: { id: claim.lease.id, job_id }, headers };
          await client.startJob(of);
          const errors = [{ message: 'adb went away' }];
          await client.putResult({ ...of, body: { outcome: 'infra_error', duration_ms: 5, tests: [], errors } });
          failed += 1;
        }
        await client.releaseLease({ params: { id: claim.lease.id }, headers, body: {} }).catch(() => {});
      }
    },
  };
}
