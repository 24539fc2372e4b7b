import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { defaultLimits } from '../../agent/executors/executor.ts';
import { findMarked, runMarker } from '../../agent/processes/marks.ts';
import { WorkEnded } from '../../agent/work-ended.ts';
import { start } from './support/execute.ts';
import { playwrightProject, spec } from './support/project.ts';

// real browsers and runners on two cores
vi.setConfig({ testTimeout: 90_000 });

const hang = spec(
  `test('hangs', async () => { test.setTimeout(0); console.log('hanging in', process.pid); await new Promise(() => {}); });`,
);
/** A process in a session of its own, which no process group reaches. */
const daemon = `require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref();`;

const remains = (runId: string) => findMarked(runMarker, runId);

describe('one spec file in one real runner', () => {
  test('runs in a real browser that emulates the device, and tells each test as it ends', async () => {
    const dir = playwrightProject({
      'tests/a.spec.ts': spec(`
        test('the page is as wide as the phone', async ({ page }) => {
          await page.setContent('<h1>hello</h1>');
          await expect(page.locator('h1')).toHaveText('hello');
          expect(page.viewportSize()).toEqual({ width: 412, height: 839 });
          await test.info().attach('note', { body: 'some text', contentType: 'text/plain' });
        });
        test('second', () => { console.log('said by a test'); });`),
    });
    const run = await start(dir, 'tests/a.spec.ts', {
      device: { id: 'd1', target: 'emulator', platform: 'web', model: 'Pixel 7' },
    });
    const execution = await run.done;
    expect(execution).toMatchObject({ outcome: 'passed', errors: [] });
    expect(execution.tests.map(({ title, file, line, status }) => [title, file, line, status])).toEqual([
      ['the page is as wide as the phone', 'tests/a.spec.ts', 3, 'passed'],
      ['second', 'tests/a.spec.ts', 9, 'passed'],
    ]);
    expect(run.live).toEqual(execution.tests);
    expect(run.output()).toContain('said by a test');
    const [note] = execution.tests[0]?.files ?? [];
    expect(readFileSync(note?.path ?? '', 'utf8')).toBe('some text');
    expect(remains(run.runId)).toEqual([]);
  });

  test('runs that file alone, though its path is a pattern that fits others', async () => {
    const dir = playwrightProject({
      'tests/a.spec.ts': spec(`test('a', () => {});`),
      'tests/sub/tests/a.spec.ts': spec(`test('other', () => {});`),
      'tests/axspec.ts': spec(`test('another', () => {});`),
      'tests/(odd) [name]+.spec.ts': spec(`test('odd', () => {});`),
    });
    const odd = await (await start(dir, 'tests/(odd) [name]+.spec.ts')).done;
    expect(odd.tests.map((t) => t.title)).toEqual(['odd']);
    const plain = await (await start(dir, 'tests/a.spec.ts')).done;
    expect(plain.tests.map((t) => t.title).sort()).toEqual(['a']);
  });

  test("keeps the project's retries, takes one of its projects by name, and serves every module system", async () => {
    const config = `{ retries: 1, testDir: './tests', projects: [{ name: 'phone' }, { name: 'tablet' }] }`;
    const flaky = `test('flaky', () => { expect(test.info().retry).toBe(1); });`;
    const projects = [
      {
        'playwright.config.ts': `import { defineConfig } from '@playwright/test'; export default defineConfig(${config});`,
      },
      {
        'package.json': '{"type":"module"}',
        'playwright.config.ts': `import { defineConfig } from '@playwright/test'; export default defineConfig(${config});`,
      },
      { 'playwright.config.ts': `module.exports = ${config};` },
    ];
    for (const files of projects) {
      const dir = playwrightProject({ ...files, 'tests/a.spec.ts': spec(flaky) });
      const execution = await (await start(dir, 'tests/a.spec.ts', { project: 'phone' })).done;
      expect(execution.errors).toEqual([]);
      expect(execution.outcome).toBe('flaky');
      expect(execution.tests.map((t) => [t.title_path, t.retry, t.status])).toEqual([
        [['phone', 'flaky'], 0, 'failed'],
        [['phone', 'flaky'], 1, 'flaky'],
      ]);
    }
  });

  test('hands the tests an environment without anything of the agent', async () => {
    process.env.QGJOB_API_KEY = 'qgj_secret';
    const dir = playwrightProject({
      'tests/a.spec.ts': spec(
        `test('env', () => { expect(JSON.stringify(process.env)).not.toContain('qgj_secret'); });`,
      ),
    });
    onTestFinished(() => {
      delete process.env.QGJOB_API_KEY;
    });
    const run = await start(dir, 'tests/a.spec.ts');
    expect((await run.done).outcome).toBe('passed');
  });
});

describe('a spec that cannot be run', () => {
  test('does not load: load_error at its line', async () => {
    const dir = playwrightProject({ 'tests/a.spec.ts': spec(`test('x', () => { const x = ; });`) });
    const execution = await (await start(dir, 'tests/a.spec.ts')).done;
    expect(execution.outcome).toBe('load_error');
    expect(execution.errors[0]).toMatchObject({ file: 'tests/a.spec.ts', line: 2 });
  });

  test('declares no test, or is not there: no_tests', async () => {
    const dir = playwrightProject({ 'tests/a.spec.ts': spec('void expect; void test;') });
    expect((await (await start(dir, 'tests/a.spec.ts')).done).outcome).toBe('no_tests');
    const missing = await (await start(dir, 'tests/b.spec.ts')).done;
    expect(missing).toMatchObject({
      outcome: 'no_tests',
      errors: [{ message: expect.stringContaining('tests/b.spec.ts') }],
    });
  });

  test('has a configuration that throws, a device nobody knows, or no Playwright: config_error with the text', async () => {
    const files = { 'tests/a.spec.ts': spec(`test('x', () => {});`) };
    const throwing = playwrightProject({ ...files, 'playwright.config.ts': `throw new Error('set BASE_URL first');` });
    expect(await (await start(throwing, 'tests/a.spec.ts')).done).toMatchObject({
      outcome: 'config_error',
      errors: [{ message: expect.stringContaining('set BASE_URL first') }],
    });
    const unknown = await start(playwrightProject(files), 'tests/a.spec.ts', {
      device: { id: 'd', target: 'emulator', platform: 'web', model: 'Nokia 3310' },
    });
    expect(await unknown.done).toMatchObject({
      outcome: 'config_error',
      errors: [{ message: expect.stringContaining('Nokia 3310') }],
    });
    const absent = await start(playwrightProject(files), 'tests/a.spec.ts', { project: 'nosuch' });
    expect((await absent.done).outcome).toBe('config_error');
  });
});

describe('no process outlives its run', () => {
  test('when a test left a daemon behind', async () => {
    const dir = playwrightProject({ 'tests/a.spec.ts': spec(`test('x', () => { ${daemon} });`) });
    const run = await start(dir, 'tests/a.spec.ts');
    expect((await run.done).outcome).toBe('passed');
    expect(remains(run.runId)).toEqual([]);
  });

  test('when it hangs past its limit: timed_out, and the limit is named', async () => {
    const dir = playwrightProject({ 'tests/a.spec.ts': hang });
    const run = await start(dir, 'tests/a.spec.ts', { timeoutMs: 4000 });
    const execution = await run.done;
    expect(execution).toMatchObject({ outcome: 'timed_out', errors: [{ message: expect.stringContaining('4 s') }] });
    expect(execution.tests.map((t) => t.status)).toEqual(['interrupted']);
    expect(remains(run.runId)).toEqual([]);
  });

  test('when it is silent, or never loads: timed_out, and the limit is named', async () => {
    const silent = playwrightProject({ 'tests/a.spec.ts': hang });
    const idle = await (await start(silent, 'tests/a.spec.ts', { limits: { ...defaultLimits, idleMs: 3000 } })).done;
    expect(idle.errors[0]?.message).toContain('no sign of life for 3 s');
    const stuck = playwrightProject({ 'playwright.config.ts': 'while (true);' });
    const started = await start(stuck, 'package.json', { limits: { startMs: 1500, idleMs: 60_000, graceMs: 200 } });
    expect((await started.done).errors[0]?.message).toContain('not loaded the tests after 1.5 s');
    expect(remains(started.runId)).toEqual([]);
  });

  test('when it is cancelled with a browser and a daemon running that ignore every polite signal', async () => {
    const dir = playwrightProject({
      'tests/a.spec.ts': spec(`
        test('hangs', async ({ page }) => {
          test.setTimeout(0);
          ${daemon}
          await page.setContent('x');
          process.on('SIGINT', () => {}); process.on('SIGTERM', () => {});
          console.log('hanging');
          await page.evaluate(() => new Promise(() => {}));
        });`),
    });
    const run = await start(dir, 'tests/a.spec.ts', { limits: { ...defaultLimits, graceMs: 1000 } });
    await run.printed('hanging');
    expect(remains(run.runId).length).toBeGreaterThan(3);
    run.abort.abort(new WorkEnded('cancelled', 'cancelled'));
    expect((await run.done).outcome).toBe('cancelled');
    expect(remains(run.runId)).toEqual([]);
  });

  test('when the runner is killed half-way: crashed, and tests that ended before keep their result', async () => {
    const dir = playwrightProject({
      'tests/a.spec.ts': spec(`
        test('first', () => {});
        test('second', async () => { test.setTimeout(0); console.log('hanging'); await new Promise(() => {}); });`),
    });
    const run = await start(dir, 'tests/a.spec.ts');
    await run.printed('hanging');
    const leader = Math.min(...remains(run.runId));
    process.kill(leader, 'SIGKILL');
    const execution = await run.done;
    expect(execution.outcome).toBe('crashed');
    expect(execution.tests.map((t) => [t.title, t.status])).toEqual([
      ['first', 'passed'],
      ['second', 'failed'],
    ]);
    expect(remains(run.runId)).toEqual([]);
  });

  test('when it was cancelled before it began: no runner is started at all', async () => {
    const dir = playwrightProject({ 'tests/a.spec.ts': hang });
    const run = await start(dir, 'tests/a.spec.ts', { signal: AbortSignal.abort(new WorkEnded('cancelled', 'x')) });
    expect(await run.done).toMatchObject({ outcome: 'cancelled', tests: [] });
    expect(run.output()).toBe('');
  });
});
