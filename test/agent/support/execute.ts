import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../../../agent/browser.ts';
import { defaultLimits, type ExecuteRequest, type RunnerTest } from '../../../agent/executors/executor.ts';
import { createPlaywrightExecutor } from '../../../agent/executors/playwright/executor.ts';
import type { StartRunner } from '../../../agent/processes/runner-process.ts';
import { temporaryFolder } from './project.ts';
import { startRunner } from './runners.ts';

/** Shared by all tests and kept between runs: unpacking the browser takes three seconds. */
export const browserCache = join(tmpdir(), 'qgjob-test-browser');

export interface Started {
  runId: string;
  /** What was told while the runner lived. */
  live: RunnerTest[];
  output: () => string;
  /** Resolves when the runner has printed `text`. */
  printed(text: string): Promise<void>;
  abort: AbortController;
  done: ReturnType<ReturnType<typeof createPlaywrightExecutor>['execute']>;
}

/** Runs one spec of a project with the real executor. */
export async function start(
  projectDir: string,
  testPath: string,
  { startRunner: start = startRunner, ...given }: Partial<ExecuteRequest> & { startRunner?: StartRunner } = {},
): Promise<Started> {
  const cacheDir = temporaryFolder();
  const executor = createPlaywrightExecutor({
    startRunner: start,
    browser: () => findBrowser({ explicit: undefined, cacheDir: browserCache }),
    moreEnvironment: {},
    cacheDir,
  });
  const abort = new AbortController();
  const runId = randomUUID();
  const live: RunnerTest[] = [];
  let output = '';
  const waiting = new Set<() => void>();
  const request: ExecuteRequest = {
    runId,
    projectDir,
    testPath,
    project: null,
    device: { id: 'd1', target: 'emulator', platform: 'web' },
    app: null,
    reset: 'data',
    reinstall: () => Promise.reject(new Error('nothing to install')),
    outDir: temporaryFolder(),
    temporaryDir: temporaryFolder(),
    timeoutMs: 60_000,
    limits: defaultLimits,
    signal: abort.signal,
    ...given,
  };
  const done = executor.execute(request, {
    testEnded: (test) => live.push(test),
    output(chunk) {
      output += Buffer.from(chunk).toString();
      for (const check of waiting) check();
    },
  });
  const printed = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => output.includes(text) && resolve();
      waiting.add(check);
      check();
      void done.then(() => reject(new Error(`the runner never printed ${text}: ${output}`)), reject);
    });
  return { runId, live, output: () => output, printed, abort, done };
}
