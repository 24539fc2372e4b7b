import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAgent } from '../../agent/main.ts';
import type { RunningAgent } from '../../agent/settings.ts';
import type { Run } from '../../contract/run.ts';
import { checkout, qgjob, startCli } from '../cli/support/cli.ts';
import { operatorKey, startTestServer, type TestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

const testIn = (body: string) =>
  `import { expect, test } from '@playwright/test';\ntest('does it', async ({ page }) => {\n  ${body}\n});\n`;

const specs: Record<string, string> = {
  'passes.spec.ts': testIn(
    "await page.setContent('<h1>Shop</h1>'); await expect(page.getByRole('heading')).toHaveText('Shop');",
  ),
  'fails.spec.ts': testIn("expect('1.1').toBe('1.0');"),
  'does-not-load.spec.ts': "import { test } from '@playwright/test';\ntest('x', () => {\n",
  'empty.spec.ts': 'export {};\n',
  'hangs.spec.ts': testIn('await new Promise(() => {});'),
  'kills-its-runner.spec.ts': testIn("process.kill(process.ppid, 'SIGKILL'); await new Promise(() => {});"),
  'is-slow.spec.ts': testIn('await new Promise((resolve) => setTimeout(resolve, 6_000));'),
};

function makeProject(): string {
  const project = folder.file('project');
  mkdirSync(join(project, 'tests'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(checkout, 'examples/shop-tests', file), join(project, file));
  }
  const config =
    "import { defineConfig } from '@playwright/test';\nexport default defineConfig({ testDir: 'tests', timeout: 0 });\n";
  writeFileSync(join(project, 'playwright.config.ts'), config);
  for (const [name, text] of Object.entries(specs)) writeFileSync(join(project, 'tests', name), text);
  return project;
}

/** Real specs, bundled and submitted by the real CLI, run by a real agent: what each kind of end looks like to a developer. */
describe('from a spec to its outcome', () => {
  const project = makeProject();
  let server: TestServer;
  let agent: RunningAgent;
  const devices = ['phone-1', 'phone-2'].map((id) => ({ id, target: 'emulator' as const, platform: 'web' as const }));

  const settings = (name: string) => ({
    serverUrl: server.url,
    apiKey: operatorKey,
    name,
    devices,
    workDir: folder.file('agent'),
    log: () => {},
  });

  beforeAll(async () => {
    server = await startTestServer({ leaseMs: 3_000 });
    agent = await startAgent(settings('bench'));
  });
  afterAll(async () => {
    await agent.stop();
    await server.stop();
  });

  const env = () => ({
    QGJOB_SERVER_URL: server.url,
    QGJOB_API_KEY: operatorKey,
    HOME: process.env.HOME ?? folder.path,
  });
  const submit = (spec: string, ...args: string[]) =>
    qgjob(
      ['submit', '--org-id=acme', '--app-version-id=v1', `--project-dir=${project}`, `--test=tests/${spec}`, ...args],
      { env: env() },
    );

  async function run(spec: string, ...args: string[]) {
    const ended = await submit(spec, '--wait', '--output=json', ...args);
    return { ...ended, run: JSON.parse(ended.stdout) as Run };
  }

  async function runUntil(id: string, holds: (run: Run) => boolean): Promise<Run> {
    for (let after: number | undefined; ; ) {
      const { body } = await server.operator.getRun({
        params: { id },
        query: { wait_seconds: 25, after_version: after },
      });
      if (holds(body)) return body;
      after = body.version;
    }
  }

  test('a spec that passes: exit 0', async () => {
    expect(await run('passes.spec.ts')).toMatchObject({
      code: 0,
      run: { conclusion: 'passed', counts: { passed: 1 } },
    });
  });

  test('a test that fails: exit 1, and the line', async () => {
    const { code, run: failed, stderr } = await run('fails.spec.ts');
    expect(code).toBe(1);
    expect(failed.jobs[0]).toMatchObject({ conclusion: 'failed', reason_code: 'test_failed' });
    expect(failed.jobs[0]?.reason).toContain('tests/fails.spec.ts:3');
    expect(stderr).toContain('tests/fails.spec.ts:3');
  });

  test('a spec that does not load: failed, with the place, and never tried again', async () => {
    const { code, run: failed } = await run('does-not-load.spec.ts', '--retries=2');
    expect(code).toBe(1);
    expect(failed.jobs[0]).toMatchObject({ conclusion: 'failed', reason_code: 'load_error' });
    expect(failed.jobs[0]?.attempts).toHaveLength(1);
    expect(failed.jobs[0]?.reason).toContain('tests/does-not-load.spec.ts');
  });

  test('an empty suite: no tests, exit 3', async () => {
    const { code, run: empty } = await run('empty.spec.ts');
    expect(code).toBe(3);
    expect(empty.jobs[0]).toMatchObject({ conclusion: 'no_tests', reason_code: 'no_tests' });
  });

  test('a test that hangs: timed out, exit 124, naming the limit', async () => {
    const { code, run: hung } = await run('hangs.spec.ts', '--timeout=4s');
    expect(code).toBe(124);
    expect(hung.jobs[0]).toMatchObject({ conclusion: 'timed_out', reason_code: 'job_timeout' });
    expect(hung.jobs[0]?.reason).toContain('4 s');
  });

  test('a runner killed half-way: failed as a crash, naming the test that ran', async () => {
    const { code, run: crashed } = await run('kills-its-runner.spec.ts');
    expect(code).toBe(1);
    expect(crashed.jobs[0]).toMatchObject({ conclusion: 'failed', reason_code: 'crashed' });
    expect(crashed.jobs[0]?.attempts[0]?.outcome).toBe('crashed');
  });

  test('an agent killed half-way: the job runs again on another and passes', { timeout: 120_000 }, async () => {
    await agent.drain();
    const device = '--device=id=phone-3,target=emulator,platform=web';
    const args = ['agent', '--name=doomed', device, `--work-dir=${folder.file('doomed')}`];
    const doomed = startCli(args, { env: env() });
    const submitted = await submit('is-slow.spec.ts', '--output=json');
    const { id } = JSON.parse(submitted.stdout) as Run;
    const started = await runUntil(id, ({ status }) => status === 'running');
    expect(started.jobs[0]?.attempts[0]).toMatchObject({ agent: 'doomed', outcome: null });
    doomed.process.kill('SIGKILL');
    agent = await startAgent(settings('bench again'));
    const ended = await runUntil(id, ({ status }) => status === 'completed');
    expect(ended.conclusion).toBe('passed');
    expect(ended.jobs[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'passed']);
  });
});
