import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { findBrowser } from '../../../agent/browser.ts';
import { startAgent } from '../../../agent/main.ts';
import type { RunningAgent } from '../../../agent/settings.ts';
import type { Run } from '../../../contract/run.ts';
import type { ServerSettings } from '../../../server/config.ts';
import { browserCache } from '../../agent/support/execute.ts';
import { spec, writeFiles } from '../../agent/support/project.ts';
import type { Step, StepResult } from '../../support/runner/run-step.ts';
import { startTestServer, type TestOrg, type TestServer } from '../../support/server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Where action.yml and dist/ are: what a workflow runs. */
export const action = resolve(import.meta.dirname, '../../..');

/** The test project is not the workspace itself: paths in annotations have to be made relative to the latter. */
export const projectDir = 'apps/shop/e2e';

/** What is checked out in the workspace, spec by spec. */
const specs = {
  'passes.spec.ts': spec(`
    test('shows the shop', async ({ page }) => {
      await page.setContent('<h1>Shop</h1>');
      await expect(page.getByRole('heading')).toHaveText('Shop');
    });`),
  'quick.spec.ts': spec("test('adds', () => expect(1 + 1).toBe(2));"),
  'fails.spec.ts': spec("\ntest('adds up', () => {\n  expect(1 + 1, 'the total').toBe(3);\n});"),
  'flaky.spec.ts': spec(`
    test.describe.configure({ retries: 1 });
    test('blinks', ({}, info) => expect(info.retry).toBe(1));`),
  'empty.spec.ts': 'export {};\n',
  'hangs.spec.ts': spec("test('hangs', () => new Promise(() => {}));"),
};

/** A server, an agent with two browsers, and a workspace, shared by the tests of a file. */
export interface Bench {
  server: TestServer;
  org: TestOrg;
  agent: RunningAgent;
  workspace: string;
  /** A step that runs these specs with the organisation's API key, in a workflow run of its own. */
  step(tests: readonly string[], inputs?: Record<string, string>, over?: Partial<Step>): Step;
}

/** Call it in a test file, not in a test. `settings` of the server; `isIdle`: no agent is needed. */
export function useBench(given: { settings?: () => Promise<Partial<ServerSettings>>; isIdle?: boolean } = {}): Bench {
  const folder = temporaryFolder();
  const workspace = folder.file('workspace');
  const bench = { workspace } as Bench;
  let runs = 0;

  bench.step = (tests, inputs = {}, over = {}) => ({
    action,
    workspace,
    secrets: [bench.org.keys.submit],
    ...over,
    github: { run_id: String(8_000_000_001 + runs++), ...over.github },
    inputs: {
      'server-url': bench.server.url,
      'org-id': bench.org.id,
      'api-key': bench.org.keys.submit,
      'app-version-id': '1.0',
      'working-directory': projectDir,
      tests: tests.map((name) => `tests/${name}`).join('\n'),
      ...inputs,
    },
  });

  beforeAll(async () => {
    writeFiles(join(workspace, projectDir), {
      'playwright.config.ts': "export default { testDir: 'tests', timeout: 0 };\n",
      ...Object.fromEntries(Object.entries(specs).map(([name, text]) => [`tests/${name}`, text])),
    });
    // where projects that the agent unpacks find the packages of this repository
    symlinkSync(join(action, 'node_modules'), folder.file('node_modules'));
    bench.server = await startTestServer(await given.settings?.());
    bench.org = await bench.server.org();
    if (given.isIdle) return;
    mkdirSync(folder.file('agent'));
    bench.agent = await startAgent({
      serverUrl: bench.server.url,
      apiKey: bench.org.keys.agent,
      name: 'lab',
      devices: ['phone-1', 'phone-2'].map((id) => ({ id, target: 'emulator', platform: 'web' })),
      workDir: folder.file('agent'),
      chromium: (await findBrowser({ explicit: undefined, cacheDir: browserCache }))?.path,
      log: () => {},
    });
  });
  afterAll(async () => {
    await bench.agent?.stop();
    await bench.server.stop(100);
  });
  return bench;
}

/** The step once it is over, in which no secret was seen anywhere. */
export async function over(ended: Promise<StepResult>): Promise<StepResult> {
  const result = await ended;
  expect([...result.secretsSeen, ...(result.post?.secretsSeen ?? [])]).toEqual([]);
  return result;
}

/** The commands that the runner carried out, but those that only hide and fold. */
export const commandsOf = ({ executed }: StepResult): string[] =>
  executed
    .map(({ command }) => command)
    .filter((name) => !['add-mask', 'debug', 'group', 'endgroup', 'stop-commands'].includes(name));

/** The run, once `holds` is true of it. */
export async function runUntil(server: TestServer, id: string, holds: (run: Run) => boolean): Promise<Run> {
  for (let after_version: number | undefined; ; ) {
    const query = after_version === undefined ? {} : { wait_seconds: 25, after_version };
    const { body } = await server.operator.getRun({ params: { id }, query });
    if (holds(body)) return body;
    after_version = body.version;
  }
}
