import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { appwrightProject, seesVersion } from './support/bed.ts';
import { type Lab, openLab } from './support/lab.ts';

const emulator = { id: 'emulator-5554', target: 'emulator' as const, platform: 'android' as const };

async function lab(files: Record<string, string>): Promise<Lab & { projectDir: string }> {
  const it = await openLab([emulator]);
  onTestFailed(() => console.error(it.logged));
  onTestFinished(() => it.close());
  const projectDir = appwrightProject(join(it.dir, 'project'), files);
  await it.register('v1');
  await it.agent({ projectDir });
  return { ...it, projectDir };
}

async function ran(it: Lab, options: Partial<Parameters<Lab['submit']>[0]> & { tests: string[] }) {
  return it.completed(await it.submit({ version: 'v1', ...options }));
}

const twoTests = `
import { expect, test } from 'appwright';
for (const name of ['first', 'second'])
  test(name, async ({ device }) => {
    await device.getByText('Skip').tap();
    await device.getByText('Search Wikipedia').fill(name);
  });
`;

test('specs of one version share one install; a failing test has its screen', async () => {
  const it = await lab({ 'tests/a.spec.ts': seesVersion('v1'), 'tests/b.spec.ts': seesVersion('v2') });
  const jobs = await ran(it, { tests: ['tests/a.spec.ts', 'tests/b.spec.ts'] });
  expect(jobs.map(({ conclusion }) => conclusion)).toEqual(['passed', 'failed']);
  expect(jobs.map(({ attempts }) => attempts[0]?.install?.result)).toEqual(['installed', 'already_installed']);
  expect(it.device(emulator.id).read()).toMatchObject({ installs: 1, sessions: 2, openSessions: [] });
  const [passed, failed] = await Promise.all(
    jobs.map(async ({ run_id, id }) => {
      const { body } = await it.client.runReport({ params: { id: run_id } });
      return body.jobs.find((job) => job.id === id)?.attempts[0]?.tests[0];
    }),
  );
  expect(passed?.attachments).toEqual([]);
  expect(failed).toMatchObject({ status: 'failed', errors: [{ file: 'tests/b.spec.ts', line: 5 }] });
  expect(failed?.attachments.map(({ name, content_type }) => [name, content_type])).toEqual([
    ['screenshot', 'image/png'],
    ['page-source', 'application/xml'],
  ]);
});

test('reset decides what a test finds: cleared data, what the test before it left, or a new install each', async () => {
  const it = await lab({ 'tests/a.spec.ts': twoTests });
  const device = it.device(emulator.id);
  const after = () => {
    const { installs, log, apps } = device.read();
    const cleared = log.filter((line) => line.startsWith('clear')).length;
    return { installs, cleared, typed: apps['com.example.wiki']?.data };
  };
  await ran(it, { tests: ['tests/a.spec.ts'], reset: 'none' });
  const none = after();
  expect(none).toMatchObject({ installs: 1, typed: 2 });
  await ran(it, { tests: ['tests/a.spec.ts'], reset: 'data' });
  expect(after()).toEqual({ installs: 1, cleared: none.cleared + 2, typed: 1 });
  const [job] = await ran(it, { tests: ['tests/a.spec.ts'], reset: 'reinstall' });
  expect(job?.conclusion).toBe('passed');
  expect(after()).toMatchObject({ installs: 3, typed: 1 });
  expect(await it.log(job)).toMatch(/session \S+ on emulator-5554: made in .* installed anew in/);
});

test('a project is chosen by the device, or by its name', async () => {
  const it = await lab({ 'tests/a.spec.ts': seesVersion('v1') });
  const [chosen] = await ran(it, { tests: ['tests/a.spec.ts'] });
  expect(await it.log(chosen)).toContain('[android] › a.spec.ts');
  const [named] = await ran(it, { tests: ['tests/a.spec.ts'], project: 'phone' });
  expect([named?.conclusion, await it.log(named)]).toEqual(['passed', expect.stringContaining('[phone] › a.spec.ts')]);
  const [unknown] = await ran(it, { tests: ['tests/a.spec.ts'], project: 'tablet' });
  expect(unknown?.attempts[0]?.outcome).toBe('config_error');
  expect(unknown?.attempts[0]?.errors[0]?.message).toContain('Project(s) "tablet" not found');
});

test('a Playwright that AppWright cannot work with is named, with what to add to package.json', async () => {
  const it = await lab({ 'tests/a.spec.ts': seesVersion('v1') });
  const modules = join(it.projectDir, 'node_modules');
  rmSync(modules);
  for (const [name, version] of [
    ['appwright', '0.1.1'],
    ['@playwright/test', '1.65.1'],
  ] as const) {
    mkdirSync(join(modules, name), { recursive: true });
    writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version }));
  }
  const [job] = await ran(it, { tests: ['tests/a.spec.ts'] });
  expect(job?.attempts[0]).toMatchObject({ outcome: 'config_error' });
  expect(job?.attempts[0]?.errors[0]?.message).toContain('"overrides": {"@playwright/test": "1.59.1"}');
});
