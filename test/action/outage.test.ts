import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../server/main.ts';
import { openGate } from '../agent/support/gate.ts';
import { spec } from '../agent/support/project.ts';
import { runStep, type Step, startStep } from '../support/runner/run-step.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { action, over, projectDir, runUntil, useBench } from './support/bench.ts';

const folder = temporaryFolder();
const bench = useBench({
  settings: async () => ({ database: folder.file('server/qgjob.db'), blobFolder: folder.file('server/blobs') }),
});

test('a server that is killed and started again in the middle is waited for, and nothing is lost', async () => {
  const go = folder.file('go');
  const waits = join(bench.workspace, projectDir, 'tests/waits.spec.ts');
  const untilGo = `import { existsSync } from 'node:fs';
    ${spec(`test('waits', async () => { await expect.poll(() => existsSync(${JSON.stringify(go)}), { timeout: 60_000 }).toBe(true); });`)}`;
  writeFileSync(waits, untilGo);
  onTestFinished(() => rmSync(waits));
  const step = startStep(bench.step(['waits.spec.ts']));
  const [, id = ''] = await step.said(/^Submitted (run_\w+),/);
  await runUntil(bench.server, id, ({ status }) => status === 'running');

  const { settings, port } = bench.server;
  await bench.server.stop(0);
  // with the server gone the step goes on, and says so
  await step.said(/cannot be reached: .*; waiting for it, the run goes on$/);
  writeFileSync(go, '');
  const restarted = await startServer({ ...settings, port });
  Object.assign(bench.server, restarted);
  await step.said(/^The server answers again\.$/);
  const result = await over(step.ended);
  expect(result).toMatchObject({ exitCode: 0, outputs: { 'run-id': id, conclusion: 'passed', passed: '1' } });
}, 90_000);

test('a proxy that answers 502, cuts and loses answers at every turn is got past, with one run', async () => {
  const gate = await openGate(bench.server.url);
  const tries = new Map<string, number>();
  gate.decide(({ method, path }) => {
    const turn = `${method} ${path.replace(/\?.*/, '').replace(/[0-9a-f]{12,}/, '')}`;
    const number = (tries.get(turn) ?? 0) + 1;
    tries.set(turn, number);
    return (['bad_gateway', 'cut', 'lose'] as const)[number - 1] ?? 'pass';
  });
  const step = bench.step(['fails.spec.ts'], { 'server-url': gate.url, 'report-dir': folder.file('results') });
  const result = await over(runStep({ ...step, github: { run_id: '9001' } }));
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'failed', failed: '1' } });
  expect(result.annotations).toHaveLength(1);
  expect(existsSync(result.outputs['junit-path'] ?? '')).toBe(true);
  expect(tries.get('POST /v1/runs')).toBe(4);
  const { body } = await bench.server.operator.listRuns({ query: {} });
  expect(body.items.filter(({ github }) => github?.run_id === 9001)).toHaveLength(1);
}, 60_000);

const nobody = 'http://127.0.0.1:9';

test('a server that cannot be reached is told as that, with what to look at', async () => {
  const result = await over(runStep(bench.step(['quick.spec.ts'], { 'server-url': nobody })));
  expect(result).toMatchObject({ exitCode: 1, annotations: [{ kind: 'error' }] });
  expect(result.annotations[0]?.message).toMatch(/^http:\/\/127\.0\.0\.1:9 cannot be reached: .*\nIs server-url right/);
  expect(result.outputs).not.toHaveProperty('run-id');
}, 150_000);

test('an address where something else answers is told as that, at once', async () => {
  const gate = await openGate(bench.server.url);
  const inputs = { 'server-url': `${gate.url}/somewhere`, 'org-id': 'acme' };
  const result = await over(runStep(bench.step(['quick.spec.ts'], inputs)));
  expect(result).toMatchObject({ exitCode: 1, annotations: [{ kind: 'error' }] });
  expect(gate.seen.length).toBeLessThan(4);
});

const local = { 'server-url': nobody, fallback: 'local', target: 'emulator' };

test('fallback: local runs on the runner and tells of it as of any run', async () => {
  const step = bench.step(['quick.spec.ts', 'fails.spec.ts'], { ...local, 'report-dir': 'local-results' });
  const result = await over(runStep(step));
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'failed', passed: '1', failed: '1' } });
  expect(result.lines).toContainEqual(expect.stringMatching(/cannot be reached: .*; running here instead\.$/));
  expect(result.annotations).toMatchObject([
    {
      kind: 'error',
      file: `${projectDir}/tests/fails.spec.ts`,
      line: '4',
      message: expect.stringContaining('the total'),
    },
  ]);
  expect(result.summary).toMatch(/^## ❌ qgjob: failed: 1 of 2 test files did not pass\n/);
  expect(result.outputs['run-url']).toMatch(/^https:\/\/github\.com\/qualgent\/shop\/actions\/runs\/\d+$/);
  expect(readFileSync(result.outputs['junit-path'] ?? '', 'utf8')).toMatch(/failures="1"/);
  expect(result.post).toMatchObject({ exitCode: 0, lines: [] });
}, 60_000);

test('a local run that is cancelled ends with its step', async () => {
  const step = startStep({
    ...bench.step(['hangs.spec.ts'], local),
    signalTimes: { sigtermAfterMs: 7500, sigkillAfterMs: 7500 },
  });
  await step.said(/tests\/hangs\.spec\.ts +running/);
  step.cancel();
  expect(await over(step.ended)).toMatchObject({ exitCode: 1, conclusion: 'cancelled', post: { exitCode: 0 } });
}, 60_000);

test('as a workflow checks the Action out, without libraries, fallback: local fetches those of the CLI', async () => {
  const copy = folder.file('checkout');
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: action, encoding: 'utf8' }).split('\0');
  for (const path of tracked.filter(
    (path) => path !== '' && existsSync(join(action, path)) && !path.startsWith('test/'),
  )) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(action, path), join(copy, path));
  }
  const step: Step = bench.step(['quick.spec.ts'], local, { action: copy });
  const env = {
    // where this machine's npm finds packages: the step has a home of its own
    npm_config_userconfig: join(homedir(), '.npmrc'),
    // and the machine's own node: the one our scripts put first may not know its certificates
    PATH: (process.env.PATH ?? '')
      .split(delimiter)
      .filter((folder) => !folder.includes('node_modules'))
      .join(delimiter),
  };
  const result = await over(runStep({ ...step, env }));
  expect(result.lines).toContain('Installing the libraries of the qgjob CLI');
  expect(result).toMatchObject({ exitCode: 0, outputs: { conclusion: 'passed', passed: '1' } });
  expect(existsSync(join(copy, 'node_modules/vitest'))).toBe(false);
}, 240_000);
