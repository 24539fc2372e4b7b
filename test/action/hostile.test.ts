import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TestResult } from '../../contract/job.ts';
import type { Run } from '../../contract/run.ts';
import { startFakeServer } from '../cli/support/fake-server.ts';
import { aJob, anAttempt, aTest, completedRun, reportOf } from '../cli/support/resources.ts';
import { hostileTexts } from '../support/hostile-text.ts';
import { activeNodes } from '../support/markdown.ts';
import { runStep } from '../support/runner/run-step.ts';
import { action, over } from './support/bench.ts';

/** What would make a runner obey, wherever it stands in a line. */
const commands = [
  '::error::x',
  '##[error]x',
  '  ::warning file=a,line=1::x',
  '::stop-commands::pause',
  '::add-mask::qgjob',
  '::set-output name=conclusion::passed',
  '##[group]x',
  'a\r::error::after a carriage return',
  'a\n::notice::on a line of its own',
  'a\u0085::error::after a next-line',
  'a\u2028::error::after a line separator',
  '\u001b[31m::error::coloured\u001b[0m',
  '\ufeff::error::after a byte order mark',
  '#\u202e#[error]x',
  '%0A::error::encoded%250A::error::twice',
];
const hostile = [...commands, ...hostileTexts(150)];
/** The long ones once only: 5,000 of them are more than any server would tell. */
const of = (index: number): string =>
  (hostile[index % hostile.length] ?? '').slice(0, index < hostile.length ? undefined : 300);

/** As long as the contract lets them be. */
function failing(index: number): TestResult {
  const title = of(index).slice(0, 4096);
  const message = `${of(index)}\n${of(index + 1)}`.slice(0, 65_536);
  const file = of(index + 2).slice(0, 1024);
  return aTest({
    id: `t${index}`,
    title,
    title_path: ['suite', title],
    file,
    line: 3,
    status: 'failed',
    errors: [{ message, file, line: 7 }],
  });
}

/** A server that tells of a completed run with so many hostile failures, and a step that follows it. */
async function stepOf(failures: number) {
  const names = hostile.filter((text) => text.length < 1000);
  const jobs = names.map((test_path, index) =>
    aJob({
      id: `job_${index}`,
      test_path,
      status: 'completed',
      conclusion: index === 0 ? 'infra_error' : 'failed',
      reason: of(index),
      attempts: [anAttempt({ device: of(index), outcome: index === 0 ? 'infra_error' : 'failed' })],
      version: 9,
    }),
  );
  const all = Array.from({ length: failures }, (_, index) => failing(index));
  const others = jobs.slice(1);
  const tests = Object.fromEntries(
    others.map(({ id }, nth) => [id, all.filter((_, index) => index % others.length === nth)]),
  );
  const run: Run = completedRun({ conclusion: 'failed', reason: of(1), jobs });
  const server = await startFakeServer({
    submitRun: () => ({ status: 201, body: run }),
    getRun: () => ({ status: 200, body: run }),
    runReport: () => ({ status: 200, body: reportOf(run, tests) }),
  });
  const inputs = {
    'server-url': server.url,
    'org-id': 'qualgent',
    'api-key': `key-${randomUUID()}`,
    'app-version-id': '1.0',
    tests: 'tests',
  };
  return { action, inputs, secrets: [inputs['api-key']] };
}

test('whatever tests, agents and servers say, the runner obeys nobody but the Action', async () => {
  const result = await over(runStep(await stepOf(hostile.length * 2)));
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'failed' } });
  const tokens = result.executed.filter(({ command }) => command === 'stop-commands').map(({ data }) => data);
  expect(tokens.filter((token) => !/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(token))).toEqual([]);
  expect(new Set(tokens).size).toBe(tokens.length);
  const executed = new Set(result.executed.map(({ command }) => command));
  expect([...executed].sort()).toEqual(['add-mask', 'endgroup', 'error', 'group', 'stop-commands']);
  // ten of the Action's own, and the runner had to drop none
  expect(result.executed.filter(({ command }) => command === 'error')).toHaveLength(10);
  expect(result).toMatchObject({ droppedAnnotations: 0, annotations: Array(10).fill({ kind: 'error' }) });
  expect(result.executed.filter(({ command, data }) => command === 'add-mask' && !data.startsWith('key-'))).toEqual([]);
  for (const { file = '' } of result.annotations) expect(file).not.toMatch(/^\/|\.\.\/|\\/);
});

test('5,000 hostile failures are a summary that GitHub shows, in which nothing of theirs is active', async () => {
  const result = await over(runStep(await stepOf(5000)));
  expect(result.exitCode).toBe(1);
  expect(result.summary).toMatch(/^## ❌ qgjob: failed: /);
  expect(Buffer.byteLength(result.summary)).toBeLessThan(1_048_576);
  expect(
    activeNodes(result.summary, { links: ['http://127.0.0.1:8080/runs/run_1', 'https://github.com/qualgent/'] }),
  ).toEqual([]);
  const rows = result.summary.split('\n').filter((line) => line.startsWith('| ['));
  expect(new Set(rows.map((row) => row.split('|').length))).toEqual(new Set([6]));
}, 60_000);
