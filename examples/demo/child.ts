import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../cli/qgjob.js', import.meta.url));
const politeMs = 2_000;

/** A `qgjob` command that runs as a process of its own. */
export interface Child {
  /** Its first line on stdout: rejects when it ends without one. */
  firstLine: Promise<string>;
  /** Resolves with its exit code; null after a signal. */
  exited: Promise<number | null>;
  /** Asks it to end, then insists, then kills it and everything it started. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Each line it writes to stderr, where commands tell of their progress. */
  onLine: (line: string) => void;
}

/** Starts `qgjob` with `args` in a process group of its own, so that a terminal's Ctrl-C reaches the demo alone. */
export function startCommand(args: string[], { cwd, env, onLine }: ChildOptions): Child {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    said.push(line);
    onLine(line);
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    exited.then((code) => {
      reject(new Error(`qgjob ${args[0]} ended with ${code}:\n${said.slice(-20).join('\n')}`));
    }, reject);
  });
  // whoever waits for them hears of it
  firstLine.catch(() => {});
  exited.catch(() => {});
  return { firstLine, exited, stop: () => stop(child, exited) };
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const gone = exited.catch(() => {});
  // the second request makes an agent give back what it runs
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGKILL'] as const) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) break;
    if (signal === 'SIGKILL') process.kill(-child.pid, signal);
    else child.kill(signal);
    if (await endsWithin(gone, politeMs)) break;
  }
  await gone;
}

async function endsWithin(gone: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  const ended = await Promise.race([gone.then(() => true), late]);
  clearTimeout(timer);
  return ended;
}
