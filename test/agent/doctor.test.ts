import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { examineAndroid } from '../../agent/doctor/android.ts';
import { examineBrowserstack } from '../../agent/doctor/browserstack.ts';
import { examineMachine } from '../../agent/doctor/machine.ts';
import { browserstackStub } from './support/browserstack.ts';
import { browserCache } from './support/execute.ts';
import { fakeAdb } from './support/fake-adb.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';

vi.setConfig({ testTimeout: 60_000 });

test('the doctor finds what an agent here would need, and says what to do about what is missing', async () => {
  const well = await examineMachine({ workDir: temporaryFolder() });
  expect(well.map(({ name }) => name)).toEqual(['node', 'npm', 'git', 'browser', 'disk', 'runners']);
  expect(well.find(({ name }) => name === 'browser')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/Chrom/),
  });
  const missing = await examineMachine({ workDir: `${browserCache}/not/there`, chromium: '/no/such/browser' });
  expect(missing.find(({ name }) => name === 'browser')).toEqual({
    name: 'browser',
    ok: false,
    detail: 'There is no browser at /no/such/browser.',
    advice: expect.stringContaining('--chromium'),
  });
});

test('beside Android devices the doctor looks at the SDK, Java, Appium with its driver, and its port', async () => {
  const dir = temporaryFolder();
  const appium = `const [a] = process.argv.slice(2); console.log(a === '--version' ? '2.19.0' : '{"uiautomator2":{"version":"3.10.0"}}');`;
  writeFiles(dir, { 'appium.js': appium, 'java/bin/java': '' });
  const environment = { PATH: process.env.PATH };
  const hubPort = 45_123;
  const { sdkDir } = fakeAdb();
  const android = { sdkDir, javaHome: join(dir, 'java'), appium: join(dir, 'appium.js'), hubPort };
  const well = await examineAndroid({ android, projectDir: dir, environment });
  const bad = well.filter(({ ok }) => !ok).map(({ name }) => name);
  expect(bad.filter((name) => name !== 'aapt')).toEqual([]);
  expect(well.map(({ name }) => name)).toEqual([
    'adb',
    'JAVA_HOME',
    'aapt',
    'appium',
    'uiautomator2 driver',
    'appium port',
  ]);

  const taken = createServer().listen(hubPort, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const nothing = { sdkDir: dir, appium: join(dir, 'none.js'), hubPort };
  const ill = await examineAndroid({ android: nothing, projectDir: dir, environment: { PATH: '/nowhere' } });
  expect(ill.filter(({ ok }) => ok)).toEqual([]);
  expect(ill.map(({ name, advice }) => advice && name)).toEqual(['adb', 'JAVA_HOME', 'aapt', 'appium', 'appium port']);
});

test('of a BrowserStack account the doctor tells its parallels, or what is wrong with it, and never its key', async () => {
  const stub = await browserstackStub();
  stub.othersRunning = 1;
  const devices = [{ name: 'Google Pixel 8', osVersion: '14.0', platform: 'android' }] as const;
  const account = { username: stub.username, accessKey: stub.accessKey, apiUrl: stub.url, devices };
  expect(await examineBrowserstack({ ...account })).toEqual({
    name: 'BrowserStack',
    ok: true,
    detail: "1 of 2 parallels in use by bsuser's account",
  });
  stub.max = 0;
  expect(await examineBrowserstack({ ...account })).toMatchObject({
    ok: false,
    advice: expect.stringContaining('plan'),
  });
  const wrong = await examineBrowserstack({ ...account, accessKey: 'wrong-key-987654' });
  expect(wrong).toMatchObject({ ok: false, detail: expect.stringContaining('Access denied') });
  expect(JSON.stringify(wrong)).not.toContain('wrong-key');
});
