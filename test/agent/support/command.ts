import { randomUUID } from 'node:crypto';
import { createCommandExecutor } from '../../../agent/executors/command/executor.ts';
import type { Turns } from '../../../agent/executors/command/turns.ts';
import { defaultLimits, type ExecuteRequest } from '../../../agent/executors/executor.ts';
import type { StartRunner } from '../../../agent/processes/runner-process.ts';
import { temporaryFolder, writeFiles } from './project.ts';
import { startRunner } from './runners.ts';

export interface CommandOptions {
  /** Its body; `report` and `args` are known in it. */
  runner?: string;
  argv?: [string, ...string[]];
  report?: string;
  testPath?: string;
  files?: Record<string, string>;
  request?: Partial<ExecuteRequest>;
  startRunner?: StartRunner;
  /** One project for several: a new folder unless told. */
  projectDir?: string;
  turns?: Turns;
}

/** Runs a project's test file by a command, which is a real process of Node unless `argv` names another. */
export function runCommandOn(options: CommandOptions) {
  const testPath = options.testPath ?? 'flows/login.yaml';
  const projectDir = options.projectDir ?? temporaryFolder();
  writeFiles(projectDir, { [testPath]: 'appId: com.example', ...options.files });
  const script = `const [report, ...args] = process.argv.slice(1); const fs = require('node:fs'); ${options.runner ?? ''}`;
  const argv: [string, ...string[]] = options.argv ?? [process.execPath, '-e', script, '{report}', '{test}'];
  const start = options.startRunner ?? startRunner;
  const executor = createCommandExecutor({ argv, report: options.report }, {}, start, options.turns);
  const abort = new AbortController();
  let output = '';
  const waiting = new Set<() => void>();
  const request: ExecuteRequest = {
    runId: randomUUID(),
    projectDir,
    testPath,
    project: null,
    device: { id: 'd1', target: 'device', platform: 'android' },
    app: null,
    reset: 'data',
    reinstall: () => Promise.reject(new Error('nothing to install')),
    outDir: temporaryFolder(),
    temporaryDir: temporaryFolder(),
    timeoutMs: 30_000,
    limits: defaultLimits,
    signal: abort.signal,
    ...options.request,
  };
  const done = executor.execute(request, {
    testEnded: () => undefined,
    output(chunk) {
      output += Buffer.from(chunk).toString();
      for (const check of waiting) check();
    },
  });
  /** Resolves when the command has printed `text`. */
  const printed = (text: string) =>
    new Promise<void>((resolve) => {
      const check = () => output.includes(text) && resolve();
      waiting.add(check);
      check();
    });
  return { done, abort, printed, request, projectDir };
}
