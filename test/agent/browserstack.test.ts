import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createBrowserstackApi } from '../../agent/browserstack/api.ts';
import { createBrowserstackDevice } from '../../agent/browserstack/device.ts';
import { createBrowserstackExecutor } from '../../agent/browserstack/executor.ts';
import { createPlanSource } from '../../agent/browserstack/plan-source.ts';
import type { SeenDevice } from '../../agent/devices/discovery/device-source.ts';
import { createCommandExecutor } from '../../agent/executors/command/executor.ts';
import { defaultLimits, type ExecuteRequest, type Executor } from '../../agent/executors/executor.ts';
import type { DeviceSettings } from '../../agent/settings.ts';
import { createSharing } from '../../agent/workspace/share.ts';
import { type BrowserstackStub, browserstackStub } from './support/browserstack.ts';
import { startFleet } from './support/fleet.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';
import { startRunner } from './support/runners.ts';

vi.setConfig({ testTimeout: 60_000 });

const apiOf = ({ url, username, accessKey }: BrowserstackStub, more = {}) =>
  createBrowserstackApi({ username, accessKey, apiUrl: url, hubUrl: url, ...more });
const forGood = new AbortController().signal;

/** Asks the hub for a session as a test runner does, and tells what it is told. */
const runner = `
  const [report, app, hub] = process.argv.slice(1), fs = require('node:fs');
  const { BROWSERSTACK_USERNAME: user, BROWSERSTACK_ACCESS_KEY: key } = process.env;
  const headers = { authorization: 'Basic ' + Buffer.from(user + ':' + key).toString('base64') };
  fetch(hub + '/wd/hub/session', { method: 'POST', headers, body: JSON.stringify({ capabilities: { alwaysMatch: { 'appium:app': app } } }) }).then(async (answer) => {
    const { value } = await answer.json();
    if (value.sessionId) await fetch(hub + '/wd/hub/session/' + value.sessionId, { method: 'DELETE', headers });
    const failure = value.message ? '<failure message="Failed to create session. ' + value.message + '"/>' : '';
    fs.writeFileSync(report, '<testsuite><testcase name="login">' + failure + '</testcase></testsuite>');
    process.exit(failure ? 1 : 0);
  });`;

function requestOf(given: Partial<ExecuteRequest>): ExecuteRequest {
  const projectDir = temporaryFolder();
  writeFiles(projectDir, { 'flows/a.yaml': '' });
  return {
    runId: randomUUID(),
    projectDir,
    testPath: 'flows/a.yaml',
    project: null,
    device: { id: 'browserstack-1', target: 'browserstack', platform: 'android' },
    app: null,
    reset: 'data',
    reinstall: () => Promise.reject(new Error('nothing to install')),
    outDir: temporaryFolder(),
    temporaryDir: temporaryFolder(),
    timeoutMs: 30_000,
    limits: defaultLimits,
    signal: forGood,
    ...given,
  };
}

/** A device of the stub's account beside a real server that has a build, and its executor over a real process. */
async function parallel(stub: BrowserstackStub) {
  const fleet = await startFleet();
  const sha256 = await fleet.registerApp('v1', { 'index.html': 'an app' });
  const api = apiOf(stub);
  const sharing = createSharing();
  const appsDir = temporaryFolder();
  const device = () => createBrowserstackDevice({ api, client: fleet.client, sharing, appsDir, platform: 'android' });
  const app = { org_id: 'acme', app_version_id: 'v1', sha256 };
  const one = device();
  const output: string[] = [];
  const env = { BROWSERSTACK_USERNAME: stub.username, BROWSERSTACK_ACCESS_KEY: stub.accessKey };
  const command = createCommandExecutor(
    { argv: [process.execPath, '-e', runner, '{report}', '{app}', stub.url] },
    env,
    startRunner,
  );
  const executor = createBrowserstackExecutor({ api, device: one, runner: command, patienceMs: 20_000 });
  const reinstall = async (signal: AbortSignal) => void (await one.install(app, signal, { anew: true }));
  const execute = () =>
    executor.execute(requestOf({ app: one.testedApp(), reinstall }), {
      testEnded: () => undefined,
      output: (chunk) => output.push(Buffer.from(chunk).toString()),
    });
  return { device, one, app, execute, output };
}

describe('an app on BrowserStack', () => {
  test('is uploaded once per bytes and organisation, however many parallels ask at once, and looked up first', async () => {
    const stub = await browserstackStub();
    const { device, app } = await parallel(stub);
    const devices = [device(), device(), device()];
    const installs = await Promise.all(devices.map((one) => one.install(app, forGood, { anew: false })));
    expect(stub.uploads).toBe(1);
    expect(installs.filter(({ made }) => made)).toHaveLength(1);
    expect(stub.apps[0]?.custom_id).toBe(`qgjob-acme-${app.sha256}`);
    expect(devices.map((one) => one.testedApp())).toEqual(
      devices.map(() => ({ kind: 'uploaded', url: stub.apps[0]?.app_url, version: 'acme v1' })),
    );
    expect(await device().install(app, forGood, { anew: true })).toEqual({
      made: false,
      remark: 'It had been uploaded before.',
    });
    expect(stub.uploads).toBe(1);
  });

  test.each([false, true])(
    'is uploaded again when it was deleted, and the job runs (still listed: %s)',
    async (listed) => {
      const stub = await browserstackStub();
      const { one, app, execute } = await parallel(stub);
      await one.install(app, forGood, { anew: false });
      stub.remove(stub.apps[0]?.app_url ?? '', listed);
      expect((await execute()).outcome).toBe('passed');
      expect(stub.uploads).toBe(2);
      expect(stub.asked.map(({ accepted }) => accepted)).toEqual([false, true]);
    },
  );
});

describe('a job on BrowserStack', () => {
  test('waits while all parallels are in use, and passes as if nothing had been', async () => {
    const stub = await browserstackStub();
    const { one, app, execute, output } = await parallel(stub);
    await one.install(app, forGood, { anew: false });
    stub.othersRunning = 2;
    const done = execute();
    await vi.waitFor(() => expect(stub.asked.length).toBeGreaterThan(1), { timeout: 20_000 });
    stub.othersRunning = 0;
    expect(await done).toMatchObject({ outcome: 'passed', tests: [{ status: 'passed' }], errors: [] });
    expect(output.join('')).toContain('waiting for one');
  });

  test('tells of each test’s session where the runner does', async () => {
    const stub = await browserstackStub();
    const id = stub.begin({ sessionName: 'login', deviceName: 'Google Pixel 8' });
    const told: Executor = {
      execute: async () => ({
        outcome: 'passed',
        durationMs: 1,
        errors: [],
        tests: [
          {
            id: 't',
            title: 'login',
            title_path: [],
            file: '',
            line: 0,
            status: 'passed',
            retry: 0,
            duration_ms: 1,
            errors: [],
            files: [],
            session: id,
          },
        ],
      }),
    };
    const device = { testedApp: () => null, deleted: () => undefined };
    const executor = createBrowserstackExecutor({ api: apiOf(stub), device, runner: told, patienceMs: 0 });
    const output: string[] = [];
    const listener = { testEnded: () => undefined, output: (chunk: Uint8Array) => void output.push(String(chunk)) };
    const { tests } = await executor.execute(requestOf({}), listener);
    const [file] = tests[0]?.files ?? [];
    const dashboard = `https://app-automate.browserstack.com/builds/b/sessions/${id}`;
    expect(JSON.parse(readFileSync(file?.path ?? '', 'utf8'))).toMatchObject({
      name: 'login',
      device: 'Google Pixel 8',
      status: 'running',
      dashboard,
      video: `${stub.url}/video/${id}.mp4`,
    });
    expect(output.join('').length).toBeGreaterThan(0);
  });
});

describe('a plan', () => {
  const slots = ['1', '2', '3'].map((id): DeviceSettings => ({ id, target: 'browserstack', platform: 'android' }));

  test('gives as many devices as it has parallels free, and follows it as others take and leave them', async () => {
    const stub = await browserstackStub();
    stub.max = 2;
    const leaving = new AbortController();
    const busy = new Set<string>();
    let seen: readonly SeenDevice[] = [];
    let own = 0;
    const watching = { pollMs: 50, log: () => undefined, ownSessions: () => own };
    const source = createPlanSource({ api: apiOf(stub), slots, busy, ...watching });
    const watched = source.watch((told) => {
      seen = told;
    }, leaving.signal);
    onTestFinished(async () => {
      leaving.abort();
      await watched;
    });
    const ready = (...ids: string[]) =>
      vi.waitFor(() => {
        const found = seen.filter(({ presence }) => presence.state === 'ready').map(({ settings }) => settings.id);
        expect(found).toEqual(ids);
      });
    await ready('1', '2');
    stub.othersRunning = 1;
    await ready('1');
    stub.queued = 1;
    await ready();
    busy.add('2');
    await ready('2');
    // a session of this agent's own takes no parallel from it twice
    stub.begin({});
    own = 1;
    stub.othersRunning = stub.queued = 0;
    await ready('1', '2');
    stub.max = 5;
    stub.queued = 0;
    await ready('1', '2', '3');
    stub.say('plan', { status: 401, body: 'HTTP Basic: Access denied.' });
    await ready('2');
  });
});

describe('the errors of BrowserStack', () => {
  const shapes: [string, number, string, string][] = [
    ['an object', 422, '{"error":{"message":"[BROWSERSTACK_TEST_NOT_FOUND] no"}}', '[BROWSERSTACK_TEST_NOT_FOUND] no'],
    ['a text', 422, '{"error":"[BROWSERSTACK_INCORRECT_URL] Incorrect URL provided."}', 'Incorrect URL'],
    ['a message', 404, '{"message":"Session not found"}', 'Session not found'],
    ["WebDriver's", 400, '{"value":{"error":"session not created","message":"x"}}', 'session not created'],
    ['plain text', 401, 'HTTP Basic: Access denied.\n', 'Access denied'],
    ['nothing', 404, '', 'without a word'],
    ['a page', 403, '<html>Access to API denied.</html>', 'Access to API denied'],
  ];

  test.each(shapes)('are understood as %s', async (_, status, body, message) => {
    const stub = await browserstackStub();
    stub.say('plan', { status, body });
    await expect(apiOf(stub).plan(forGood)).rejects.toThrow(message);
    expect(stub.seen).toHaveLength(1);
  });

  test('are outlived when they pass: a failing server is asked again', async () => {
    const stub = await browserstackStub();
    stub.say('plan', { status: 500, body: '{"error":"Internal server error"}' });
    const asking = apiOf(stub).plan(forGood);
    await vi.waitFor(() => expect(stub.seen.length).toBeGreaterThan(1), { timeout: 10_000 });
    stub.say('plan', null);
    expect(await asking).toMatchObject({ parallel_sessions_max_allowed: 2 });
  });

  test('never hold the key, and the key is never in an address', async () => {
    const stub = await browserstackStub();
    const wrong = apiOf(stub, { accessKey: 'wrong-key-987654' });
    const error = await wrong.plan(forGood).catch((caught) => caught);
    expect(error.failure).toBe('refused');
    expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain('wrong-key');
    expect(stub.seen.map(({ path }) => path).join()).not.toContain('wrong-key');
  });
});
