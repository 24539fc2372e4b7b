import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Environment } from './executors/environment.ts';
import { killMarked, runMarker } from './processes.ts';

const keptBytes = 32 * 1024;

export interface CommandResult {
  code: number | null;
  /** The end of what it printed. */
  output: string;
}

/**
 * Runs a program without a shell. When `signal` aborts, it and everything it started are killed.
 * @throws the signal's reason; Error when the program cannot be started
 */
export async function runCommand(
  program: string,
  args: string[],
  options: { cwd: string; env: Environment; signal: AbortSignal; output: (chunk: Uint8Array) => void },
): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const runId = randomUUID();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env, [runMarker]: runId },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let kept = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptBytes);
    options.output(chunk);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  let killing: Promise<unknown> = Promise.resolve();
  const kill = () => {
    child.kill('SIGKILL');
    killing = killMarked(runMarker, runId);
  };
  options.signal.addEventListener('abort', kill, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    await killing;
    options.signal.throwIfAborted();
    return { code, output: kept.toString('utf8') };
  } finally {
    options.signal.removeEventListener('abort', kill);
  }
}
