import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const checkout = fileURLToPath(new URL('../../../', import.meta.url));
const bin = fileURLToPath(new URL('../../../cli/qgjob.js', import.meta.url));

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** What it can read; nothing unless told. */
  stdin?: string;
  /** Further arguments for Node itself. */
  nodeArgs?: string[];
  /** Another copy of the program. */
  program?: string;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  process: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves with the match once the output so far matches; rejects when the process ends without. */
  said(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the real command in a process of its own, with no environment but what a test gives. */
export function startCli(
  args: readonly string[],
  { cwd, env, stdin, nodeArgs = [], program = bin }: CliOptions = {},
): RunningCli {
  const options: SpawnOptions = {
    cwd: cwd ?? checkout,
    stdio: 'pipe',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
  };
  const child = spawn(process.execPath, [...nodeArgs, program, ...args], options);
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { stdout: '', stderr: '' };
  let onText = () => {};
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      onText();
    });
  }
  child.stdin?.end(stdin ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  const said: RunningCli['said'] = (name, pattern) =>
    new Promise((resolve, reject) => {
      onText = () => {
        const match = pattern.exec(text[name]);
        if (match) resolve(match);
      };
      onText();
      void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${text.stdout}\n${text.stderr}`)));
    });
  return { process: child, ended, said };
}

/** Runs the real command to its end. */
export function qgjob(args: readonly string[], options?: CliOptions): Promise<Ended> {
  return startCli(args, options).ended;
}
