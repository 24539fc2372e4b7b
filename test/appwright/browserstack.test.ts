import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import { type BrowserstackStub, browserstackStub } from '../agent/support/browserstack.ts';
import { appwrightProject, seesVersion } from './support/bed.ts';
import { processesOf } from './support/gone.ts';
import { type Lab, openLab } from './support/lab.ts';

/** A lab without devices, whose agents have an account of BrowserStack's stub. */
async function lab(files: (flag: string) => Record<string, string>) {
  const stub = await browserstackStub();
  const it = await openLab([]);
  onTestFailed(() => console.error(it.logged));
  onTestFinished(() => it.close());
  await it.register('v1');
  const flag = join(it.dir, 'flag');
  const given = {
    projectDir: appwrightProject(join(it.dir, 'project'), files(flag)),
    android: undefined,
    browserstack: {
      username: stub.username,
      accessKey: stub.accessKey,
      apiUrl: stub.url,
      hubUrl: stub.url,
      devices: [{ name: 'Google Pixel 8', osVersion: '14.0', platform: 'android' }] as const,
      maxParallels: 3,
      pollMs: 200,
    },
  };
  const submit = (...tests: string[]) => it.submit({ version: 'v1', target: 'browserstack', tests, infraRetries: 2 });
  return { ...it, stub, given, submit, raiseFlag: () => writeFileSync(flag, '') };
}

/** A test that does not end before `flag` is there. */
const waitsFor = (flag: string) => `
import { existsSync } from 'node:fs';
import { test } from 'appwright';
test('waits', async ({ device }) => {
  const session = (device as any).webdriverClient;
  while (!existsSync(${JSON.stringify(flag)})) await session.getPageSource();
});
`;

/** Where the account's key stands: in files of the lab, and in the words and environments of any process. */
async function placesOfKey({ dir }: Pick<Lab, 'dir'>, { username, accessKey }: BrowserstackStub): Promise<string[]> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
  // as a header has it: a key's own base64 is no part of that
  const encoded = Buffer.from(`${username}:${accessKey}`).toString('base64');
  const found: string[] = [];
  for (const file of [...files, ...processes]) {
    // it may have just ended
    const text = await readFile(file, 'latin1').catch(() => '');
    if (text.includes(accessKey) || text.includes(encoded)) found.push(file);
  }
  return found;
}

test('a group fans out over the free parallels with one upload; each test has its session; the key stays with the agent', async () => {
  const names = ['a', 'b', 'c'].map((name) => `tests/${name}.spec.ts`);
  const [a = '', b = '', c = ''] = names;
  const it = await lab((flag) => ({ [a]: waitsFor(flag), [b]: seesVersion('v2'), [c]: seesVersion('v1') }));
  await it.agent(it.given);
  const submitted = await it.submit(...names);
  await vi.waitUntil(() => it.stub.mostOpen === 2, { timeout: 60_000 });
  expect(await placesOfKey(it, it.stub)).toEqual([]);
  it.raiseFlag();
  const jobs = await it.completed(submitted);
  expect(jobs.map(({ conclusion }) => conclusion)).toEqual(['passed', 'failed', 'passed']);
  expect([it.stub.uploads, it.stub.mostOpen, it.stub.open()]).toEqual([1, 2, []]);
  // never one too many, which would have been refused
  expect(it.stub.asked.map(({ accepted }) => accepted)).toEqual([true, true, true]);
  expect(jobs.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1]);
  const installs = jobs.map(({ attempts }) => attempts[0]?.install?.result).sort();
  expect(installs.filter((result) => result === 'installed')).toHaveLength(1);

  const { body: report } = await it.client.runReport({ params: { id: jobs[0]?.run_id ?? '' } });
  for (const job of report.jobs) {
    const [told] = job.attempts[0]?.tests ?? [];
    const session = told?.attachments.find(({ name }) => name === 'BrowserStack session');
    const { body } = await it.client.getBlob({
      params: { sha256: session?.sha256 ?? '' },
      query: { org_id: 'acme' },
      headers: {},
    });
    const page = JSON.parse(await body.text());
    const known = it.stub.sessions.get(/([0-9a-f]{40})$/.exec(page.dashboard)?.[1] ?? '');
    expect(page).toMatchObject({
      name: told?.title,
      status: job.conclusion,
      device: 'Google Pixel 8',
      dashboard: known?.details.browser_url,
      video: known?.details.video_url,
    });
    expect(await it.log(job)).toContain(`BrowserStack's session of "${told?.title}": ${page.dashboard}`);
  }
  expect(await placesOfKey(it, it.stub)).toEqual([]);
  // videos are public; all else is asked with the key, and so by the agent
  const unauthorised = it.stub.seen.filter(({ authorised }) => !authorised).map(({ path }) => path);
  expect(unauthorised.filter((path) => !path.startsWith('/video/'))).toEqual([]);
});

test('while others have all parallels a job waits and says so; an app that BrowserStack deleted is uploaded again', async () => {
  const it = await lab(() => ({ 'tests/a.spec.ts': seesVersion('v1') }));
  it.stub.othersRunning = it.stub.max;
  await it.agent(it.given);
  const [waiting] = await it.submit('tests/a.spec.ts');
  const id = waiting?.id ?? '';
  await vi.waitFor(async () => {
    const { body } = await it.client.explainJob({ params: { id } });
    expect(body.summary).toContain('the plan has no parallel left for it.');
  }, 10_000);
  expect(it.stub.asked).toEqual([]);
  it.stub.othersRunning = 0;
  const [first] = await it.completed(waiting ? [waiting] : []);
  expect([first?.conclusion, first?.attempts.length]).toEqual(['passed', 1]);

  it.stub.remove(it.stub.apps[0]?.app_url ?? '', true);
  const [second] = await it.completed(await it.submit('tests/a.spec.ts'));
  expect([second?.conclusion, second?.attempts.length, it.stub.uploads]).toEqual(['passed', 1, 2]);
});

test('a killed agent: its session is ended by the next one, and its job passes', async () => {
  const it = await lab((flag) => ({ 'tests/a.spec.ts': waitsFor(flag) }));
  const settings = JSON.stringify(it.settings(it.given));
  const agent = spawn(process.execPath, [resolve('test/agent/support/agent-process.ts'), settings], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void agent.kill('SIGKILL'));
  const submitted = await it.submit('tests/a.spec.ts');
  const [left] = await vi.waitUntil(() => (it.stub.open().length === 1 ? it.stub.open() : null), { timeout: 60_000 });
  agent.kill('SIGKILL');
  await once(agent, 'exit');
  it.raiseFlag();
  await it.agent(it.given);
  const [job] = await it.completed(submitted);
  expect(job?.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'passed']);
  expect(left).toMatchObject({ isOpen: false, details: { status: 'failed' } });
  expect(it.stub.open()).toEqual([]);
  await it.close();
  await vi.waitUntil(() => processesOf(it).length === 0, { timeout: 20_000, interval: 200 });
});
