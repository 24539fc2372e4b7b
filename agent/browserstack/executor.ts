import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecuteListener, ExecuteRequest, Execution, Executor } from '../executors/executor.ts';
import { backoffMs, pause } from '../pause.ts';
import type { BrowserstackApi } from './api.ts';
import { tellsAppGone, tellsLimit } from './browserstack-error.ts';
import type { BrowserstackDevice } from './device.ts';

/** The longest that is waited between two tries for a parallel. */
const maxWaitMs = 30_000;

export interface BrowserstackExecutorDeps {
  api: BrowserstackApi;
  runner: Executor;
  /** The uploaded app, which another upload replaces. */
  device: Pick<BrowserstackDevice, 'testedApp' | 'deleted'>;
  /** How long at most a job waits for a parallel before it is given back as a failure of the infrastructure. */
  patienceMs: number;
}

/**
 * Runs a job on BrowserStack. That all parallels are in use says nothing about the job: it waits and is run again, as if for
 * the first time. An app that BrowserStack has deleted is uploaded once more.
 */
export function createBrowserstackExecutor(deps: BrowserstackExecutorDeps): Executor {
  return {
    async execute(request, listener) {
      const giveUpAtMs = performance.now() + deps.patienceMs;
      let uploadedAnew = false;
      for (let tries = 1; ; tries++) {
        // what one try leaves must not pass for the next one's
        const outDir = join(request.outDir, `try-${tries}`);
        await mkdir(outDir);
        const app = deps.device.testedApp() ?? request.app;
        const execution = await deps.runner.execute({ ...request, app, outDir }, listener);
        const said = execution.outcome === 'infra_error' ? textOf(execution) : '';
        if (tellsAppGone(said) && !uploadedAnew) {
          uploadedAnew = true;
          deps.device.deleted();
          await request.reinstall(request.signal);
        } else if (tellsLimit(said) && performance.now() < giveUpAtMs) {
          say(listener, 'All parallels of BrowserStack are in use: waiting for one.');
          await pause(backoffMs(tries + 2, maxWaitMs), request.signal);
        } else return withSessions(deps.api, execution, request, listener);
        if (request.signal.aborted) return { ...execution, outcome: 'cancelled' };
      }
    },
  };
}

function textOf({ errors, tests }: Execution): string {
  return [...errors, ...tests.flatMap((test) => test.errors)].map(({ message }) => message).join('\n');
}

/** What BrowserStack knows of each test's session, as a file of the test, and its page in the job's log. */
async function withSessions(
  api: BrowserstackApi,
  execution: Execution,
  request: ExecuteRequest,
  listener: ExecuteListener,
): Promise<Execution> {
  const tests = [];
  for (const [i, test] of execution.tests.entries()) {
    // a session that cannot be looked up costs no result
    const session = test.session && (await api.session(test.session, request.signal).catch(() => null));
    if (!session) {
      tests.push(test);
      continue;
    }
    const { name, status, device, os_version, browser_url, video_url } = session;
    const path = join(request.outDir, `browserstack-${i}.json`);
    const told = { name, status, device, os_version, dashboard: browser_url, video: video_url };
    await writeFile(path, JSON.stringify(told, null, 2));
    if (browser_url) say(listener, `BrowserStack's session of "${test.title}": ${browser_url}`);
    tests.push({
      ...test,
      files: [...test.files, { name: 'BrowserStack session', contentType: 'application/json', path }],
    });
  }
  return { ...execution, tests };
}

function say(listener: ExecuteListener, line: string): void {
  listener.output(Buffer.from(`[qgjob] ${line.replaceAll('\n', ' ')}\n`));
}
