import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runStep, type Step, startStep } from '../support/runner/run-step.ts';
import { over, projectDir, useBench } from './support/bench.ts';

const bench = useBench();

/** The same workflow run, as often as it is run again. */
const attempt = (run_id: string, run_attempt: number, over: Partial<Step> = {}): Partial<Step> => ({
  ...over,
  github: { run_id, run_attempt: String(run_attempt) },
  job: { check_run_id: 31_337_000_000 + run_attempt },
});

test('"re-run failed jobs" runs what had not passed, and shows the rest as carried over', async () => {
  const specs = ['quick.spec.ts', 'fails.spec.ts'];
  const first = await over(runStep(bench.step(specs, {}, attempt('7001', 1))));
  expect(first.outputs).toMatchObject({ conclusion: 'failed', passed: '1', failed: '1' });

  const second = await over(runStep(bench.step(specs, {}, attempt('7001', 2))));
  expect(second).toMatchObject({ exitCode: 1, outputs: { conclusion: 'failed', passed: '1', failed: '1' } });
  const { body } = await bench.server.operator.getRun({ params: { id: second.outputs['run-id'] ?? '' } });
  const [carried = ''] = JSON.parse(first.outputs['job-ids'] ?? '[]');
  expect(body.jobs.map(({ test_path, carried_from }) => [test_path, carried_from])).toEqual([
    ['tests/quick.spec.ts', carried],
    ['tests/fails.spec.ts', null],
  ]);
  expect(second.lines).toContain(
    '1 test file passed in an earlier attempt of this workflow run and will not run again.',
  );
  expect(second.lines).toContainEqual(expect.stringMatching(`^✓ tests/quick.spec.ts  passed, earlier, as ${carried}`));
  expect(second.summary).toContain('### Not run again: passed in an earlier attempt (1 of 2 test files)');
  expect(JSON.parse(second.outputs['results-json'] ?? '').jobs[0]).toMatchObject({ carried_from: carried });

  const all = await over(runStep(bench.step(specs, { 'carry-over': 'false' }, attempt('7001', 3))));
  const anew = await bench.server.operator.getRun({ params: { id: all.outputs['run-id'] ?? '' } });
  expect(anew.body.jobs.map(({ carried_from }) => carried_from)).toEqual([null, null]);
  expect(all.summary).not.toContain('Not run again');
}, 60_000);

test('where everything passed before, nothing is run, and what passed is what counts', async () => {
  await over(runStep(bench.step(['quick.spec.ts'], {}, attempt('7002', 1))));
  const again = await over(runStep(bench.step(['quick.spec.ts'], {}, attempt('7002', 2))));
  expect(again).toMatchObject({
    exitCode: 0,
    outputs: { conclusion: 'passed', total: '1', passed: '1', installs: '0' },
  });
  expect(again.summary).toContain('(1 of 1 test files)');
});

test('where there is nothing to carry over, the log says so', async () => {
  const result = await over(runStep(bench.step(['quick.spec.ts'], {}, attempt('7003', 2))));
  expect(result.lines).toContainEqual(expect.stringMatching(/^Nothing is carried over: /));
});

const pullRequest = (head: string) => {
  const repo = { full_name: 'qualgent/shop' };
  const payload = {
    pull_request: { number: 7, head: { sha: head.repeat(40), repo }, base: { repo } },
    repository: repo,
  };
  return { event: { name: 'pull_request', payload } };
};
const waiting = { target: 'device' };

test('a newer run of a pull request ends the older one, whose step fails and says why', async () => {
  const older = startStep(bench.step(['quick.spec.ts'], waiting, pullRequest('1')));
  const [, id = ''] = await older.said(/^Submitted (run_\w+),/);
  const newer = startStep(bench.step(['quick.spec.ts'], waiting, pullRequest('2')));
  const [, newerId = ''] = await newer.said(/^Submitted (run_\w+),/);
  const ended = await over(older.ended);
  expect(ended).toMatchObject({ exitCode: 1, outputs: { 'run-id': id, conclusion: 'superseded' } });
  expect(ended.summary).toMatch(/^## 🚫 qgjob: superseded/);
  expect(ended.annotations).toHaveLength(1);
  const { body } = await bench.server.operator.getRun({ params: { id: newerId } });
  expect(body.status).toBe('queued');
  newer.cancel();
  await over(newer.ended);
});

test('the legs of a matrix do not end one another, nor do pushes', async () => {
  const legs = [{ os: 'android' }, { os: 'ios' }].map((matrix) =>
    startStep(bench.step(['quick.spec.ts'], waiting, { ...pullRequest('3'), matrix })),
  );
  const pushes = [1, 2].map(() => startStep(bench.step(['quick.spec.ts'], waiting)));
  const ids = await Promise.all([...legs, ...pushes].map((step) => step.said(/^Submitted (run_\w+),/)));
  for (const [, id = ''] of ids) {
    const { body } = await bench.server.operator.getRun({ params: { id } });
    expect(body).toMatchObject({ status: 'queued', conclusion: null });
  }
  expect(new Set(ids.map(([, id]) => id)).size).toBe(4);
  for (const step of [...legs, ...pushes]) step.cancel();
  await Promise.all([...legs, ...pushes].map((step) => over(step.ended)));
});

test('the same execution of a step that submits twice gets the same run', async () => {
  const once = { github: { run_id: '7004' } };
  const first = startStep(bench.step(['quick.spec.ts'], waiting, once));
  const [, id] = await first.said(/^Submitted (run_\w+),/);
  first.loseRunner();
  await first.ended;
  const second = startStep(bench.step(['quick.spec.ts'], waiting, once));
  expect((await second.said(/^Submitted (run_\w+),/))[1]).toBe(id);
  const other = startStep(
    bench.step(['quick.spec.ts'], waiting, { ...once, github: { ...once.github, action: 'second' } }),
  );
  expect((await other.said(/^Submitted (run_\w+),/))[1]).not.toBe(id);
  for (const step of [second, other]) step.cancel();
  await Promise.all([second, other].map((step) => over(step.ended)));
});

test('ids and address are outputs while the run still waits', async () => {
  const step = startStep(
    bench.step(['quick.spec.ts'], waiting, { signalTimes: { sigtermAfterMs: 0, sigkillAfterMs: 0 } }),
  );
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  // main ends here and now: what it had not set by then is never set
  step.cancel();
  const result = await step.ended;
  expect(result).toMatchObject({ exitCode: 'SIGKILL', outputs: { 'run-id': id, status: 'queued' } });
  expect(result.outputs['run-url']).toBe(`${bench.server.url}/runs/${id}`);
  expect(JSON.parse(result.outputs['job-ids'] ?? '')).toHaveLength(1);
});

test('what passed is run again once the tests themselves have changed', async () => {
  const added = join(bench.workspace, projectDir, 'tests/added.spec.ts');
  await over(runStep(bench.step(['quick.spec.ts'], {}, attempt('7005', 1))));
  writeFileSync(added, 'export {};\n');
  const again = await over(runStep(bench.step(['quick.spec.ts'], {}, attempt('7005', 2))));
  rmSync(added);
  expect(again).toMatchObject({ exitCode: 0, outputs: { passed: '1' } });
  expect(again.lines).toContainEqual(expect.stringMatching(/^Nothing is carried over: /));
});
