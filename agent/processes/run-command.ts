import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Environment } from '../executors/environment.ts';
import type { StartRunner } from './runner-process.ts';

const keptBytes = 32 * 1024;

export interface CommandResult {
  code: number | null;
  /** The end of what it printed. */
  output: string;
}

export interface CommandOptions {
  startRunner: StartRunner;
  cwd: string;
  env: Environment;
  signal: AbortSignal;
  output: (chunk: Uint8Array) => void;
}

/**
 * Runs a program without a shell. Nothing it started outlives it; when `signal` aborts, all of it is killed.
 * @throws the signal's reason; Error when the program cannot be started
 */
export async function runCommand(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
  const { startRunner, signal, output, ...place } = options;
  signal.throwIfAborted();
  const runner = await startRunner(program, args, { ...place, runId: randomUUID() });
  let kept = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptBytes);
    output(chunk);
  };
  const streams = [runner.stdout, runner.stderr];
  for (const stream of streams) stream.on('data', take);
  const read = Promise.all(streams.map((stream) => once(stream, 'close')));
  read.catch(() => undefined); // torn with the processes it came from
  const kill = () => void runner.stop(0).catch(() => undefined);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    const { code } = await runner.ended;
    await runner.clear();
    await read;
    signal.throwIfAborted();
    return { code, output: kept.toString('utf8') };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
