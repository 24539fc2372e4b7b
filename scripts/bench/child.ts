import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A script of this folder in a process of its own. */
export interface Child<Message> {
  pid: number;
  /** What it says first. */
  said: Promise<Message>;
  /** Resolves when it is gone; told by SIGTERM unless told otherwise. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts `script` with its order as JSON in its only argument; it answers with one message and ends with this process. */
export function startChild<Message>(
  script: string,
  order: unknown,
  nodeFlags: string[] = [],
  environment: Record<string, string> = {},
): Child<Message> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...nodeFlags, file, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  return {
    // 0 only if it could not be started, and then it says nothing either
    pid: child.pid ?? 0,
    said: new Promise((resolve, reject) => {
      // safe because every script here says what its caller asks it for
      child.once('message', (message) => resolve(message as Message));
      child.once('exit', (code) => reject(new Error(`${script} ended with ${code} and said nothing`)));
    }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await gone;
    },
  };
}

/** The child's side: its order, read from its argument. */
export function readOrder<Order>(): Order {
  // its caller has gone: nobody waits for the answer
  process.once('disconnect', () => process.exit(0));
  return JSON.parse(process.argv[2] ?? '{}');
}

export function say(message: unknown): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, {}, () => resolve()));
}
