import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { appwrightProject, seesVersion } from './support/bed.ts';
import { openLab } from './support/lab.ts';

async function lab(devices = ['emulator-5554']) {
  const opened = await openLab(devices.map((id) => ({ id, target: 'emulator', platform: 'android' })));
  onTestFailed(() => console.error(opened.logged));
  onTestFinished(() => opened.close());
  return opened;
}

test('specs of one version share one install, and each finds its own', async () => {
  const it = await lab();
  const projectDir = appwrightProject(join(it.dir, 'project'), {
    'tests/a.spec.ts': seesVersion('v1'),
    'tests/b.spec.ts': seesVersion('v2'),
  });
  await it.register('v1');
  await it.agent({ projectDir });
  const jobs = await it.completed(await it.submit({ version: 'v1', tests: ['tests/a.spec.ts', 'tests/b.spec.ts'] }));
  console.log(await it.log(jobs[0]), await it.log(jobs[1]));
  console.log(JSON.stringify(jobs, null, 1));
  expect(jobs.map(({ conclusion }) => conclusion)).toEqual(['passed', 'failed']);
  expect(it.device('emulator-5554').read()).toMatchObject({ installs: 1, sessions: 2, openSessions: [] });
});
