import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import type { AgentSettings } from '../../agent/settings.ts';
import type { Job } from '../../contract/job.ts';
import { apk, appwrightProject, seesVersion } from './support/bed.ts';
import { processesOf } from './support/gone.ts';
import { type Lab, openLab } from './support/lab.ts';

const emulator = (id: string) => ({ id, target: 'emulator' as const, platform: 'android' as const });
const [first, second] = [emulator('emulator-5554'), emulator('emulator-5556')];
const spec = 'tests/a.spec.ts';

/** A test that begins, and goes on when the device's screen shows what it never does; on `second` it passes at once. */
const waitsOn = (serial: string) => `
import { expect, test } from 'appwright';
test('waits', async ({ device }) => {
  await device.getByText('Skip').tap();
  // in two words: errors quote the line
  console.log('waiting ' + 'now');
  const session = (device as any).webdriverClient;
  while (session.capabilities.udid === '${serial}') await session.getPageSource();
});
`;

async function lab(
  text: string,
  { devices = [first, second], ...options }: { devices?: (typeof first)[]; leaseSeconds?: number } = {},
) {
  const it = await openLab(devices, options);
  onTestFailed(() => console.error(it.logged));
  onTestFinished(() => it.close());
  const projectDir = appwrightProject(join(it.dir, 'project'), { [spec]: text });
  await it.register('v1');
  const [job] = await it.submit({ version: 'v1', tests: [spec], infraRetries: 2 });
  if (!job) throw new Error('a run has a job for each of its tests');
  return { ...it, projectDir, submitted: job };
}

/** Resolves when the job's log holds `text`. */
async function logged(it: Lab, job: Job, text: string): Promise<void> {
  const holds = async () => (await it.log(job).catch(() => '')).includes(text);
  await vi.waitUntil(holds, { timeout: 60_000, interval: 200 });
}

const attempts = (job: Job) => job.attempts.map(({ device, outcome }) => [device, outcome]);
const openSessions = (it: Lab) => [first, second].flatMap(({ id }) => it.device(id).read().openSessions ?? []);

/** Starts an agent on the first device, and one on the second once the job runs. */
async function runningOnFirst(it: Awaited<ReturnType<typeof lab>>, given: Partial<AgentSettings> = {}) {
  await it.agent({ projectDir: it.projectDir, devices: [first], ...given });
  await logged(it, it.submitted, 'waiting now');
  await it.agent({ projectDir: it.projectDir, devices: [second], name: 'lab-2', workDir: join(it.dir, 'agent-2') });
}

test('an unplugged device: the infrastructure failed, the job passes elsewhere, no session is left', async () => {
  const it = await lab(waitsOn(first.id));
  await runningOnFirst(it);
  it.device(first.id).change((state) => {
    state.state = 'gone';
  });
  const [job] = await it.completed([it.submitted]);
  expect(job?.conclusion).toBe('passed');
  expect(job && attempts(job)).toEqual([
    [first.id, 'infra_error'],
    [second.id, 'passed'],
  ]);
  await it.close();
  expect([openSessions(it), processesOf(it)]).toEqual([[], []]);
});

test('a hung Appium is noticed, ended and started anew; the job passes elsewhere', async () => {
  const it = await lab(waitsOn(first.id));
  await runningOnFirst(it, { android: { ...it.android, healthMs: 1000 } });
  const appium = processesOf(it).find((line) => line.includes('appium/index.js') && !line.includes('agent-2'));
  process.kill(Number.parseInt(appium ?? '', 10), 'SIGSTOP');
  const [job] = await it.completed([it.submitted]);
  expect(job && attempts(job)).toEqual([
    [first.id, 'infra_error'],
    [second.id, 'passed'],
  ]);
  expect(job?.attempts[0]?.errors[0]?.message).toContain('Appium gave no sign of life');
  expect(it.logged.map(({ message }) => message)).toContain('Appium gave no sign of life for 2 s and was ended.');
  await it.close();
  expect(processesOf(it)).toEqual([]);
});

test('a killed runner: the test that ran is told, its session is deleted, the job passes elsewhere', async () => {
  const it = await lab(waitsOn(first.id));
  await runningOnFirst(it);
  const runner = processesOf(it).find((line) => /^\d+ \S+node \S+cli\.js test /.test(line));
  process.kill(Number.parseInt(runner ?? '', 10), 'SIGKILL');
  const [job] = await it.completed([it.submitted]);
  expect(job?.conclusion).toBe('passed');
  expect(job && attempts(job)).toEqual([
    [first.id, 'crashed'],
    [second.id, 'passed'],
  ]);
  expect(it.device(first.id).read()).toMatchObject({ sessions: 1, openSessions: [] });
  await it.close();
  expect(processesOf(it)).toEqual([]);
});

test('a full device: the old app gives way, and where that is not enough the job passes elsewhere', async () => {
  const it = await lab(seesVersion('v1'));
  it.device(first.id, { capacityBytes: 10 });
  await it.agent({ projectDir: it.projectDir, devices: [first] });
  await it.job(it.submitted.id, ({ attempts: made }) => made[0]?.outcome !== null && made.length > 0);
  await it.agent({ projectDir: it.projectDir, devices: [second], name: 'lab-2', workDir: join(it.dir, 'agent-2') });
  const [job] = await it.completed([it.submitted]);
  expect(job?.attempts.at(-1)).toMatchObject({ device: second.id, outcome: 'passed' });
  expect(job?.attempts[0]).toMatchObject({ device: first.id, outcome: 'infra_error', install: { result: 'failed' } });
  expect(job?.attempts[0]?.install?.reason).toContain('INSUFFICIENT_STORAGE');
});

test('a killed agent: nothing of it outlives it, the job passes elsewhere', async () => {
  const it = await lab(waitsOn(first.id), { leaseSeconds: 3 });
  const settings = it.settings({ projectDir: it.projectDir, devices: [first] });
  const agent = spawn(process.execPath, [resolve('test/agent/support/agent-process.ts'), JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void agent.kill('SIGKILL'));
  await logged(it, it.submitted, 'waiting now');
  agent.kill('SIGKILL');
  await once(agent, 'exit');
  await it.agent({ projectDir: it.projectDir, devices: [second], name: 'lab-2', workDir: join(it.dir, 'agent-2') });
  const [job] = await it.completed([it.submitted]);
  expect(job && attempts(job)).toEqual([
    [first.id, 'lost'],
    [second.id, 'passed'],
  ]);
  expect(openSessions(it)).toEqual([]);
  await it.close();
  await vi.waitUntil(() => processesOf(it).length === 0, { timeout: 20_000, interval: 200 });
});

test('Appium that cannot start is the infrastructure, in its own words', async () => {
  const it = await lab(seesVersion('v1'), { devices: [first] });
  const broken = appwrightProject(join(it.dir, 'broken'), { 'appium.js': 'throw new Error("no such driver");' });
  await it.agent({ projectDir: it.projectDir, android: { ...it.android, appium: join(broken, 'appium.js') } });
  const failed = await it.job(it.submitted.id, ({ attempts: made }) => made[0]?.outcome !== null && made.length > 0);
  expect(failed.attempts[0]?.outcome).toBe('infra_error');
  expect(failed.attempts[0]?.errors[0]?.message).toMatch(/Appium cannot be started.*no such driver/s);
});

test('an app that crashes at its start fails the test, on a device that is well', async () => {
  const it = await lab(seesVersion('v9'), { devices: [first] });
  await it.register('v9', apk('v9', { attributes: 'crashes="yes"' }));
  await it.agent({ projectDir: it.projectDir });
  const [job] = await it.completed(await it.submit({ version: 'v9', tests: [spec], infraRetries: 2 }));
  expect(job && attempts(job)).toEqual([[first.id, 'failed']]);
});
