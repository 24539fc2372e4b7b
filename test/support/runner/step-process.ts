import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** How long the runner gives a cancelled process: SIGINT at once, the others so long after it. */
export interface SignalTimes {
  sigtermAfterMs: number;
  sigkillAfterMs: number;
}

export const runnersSignalTimes: SignalTimes = { sigtermAfterMs: 7500, sigkillAfterMs: 10_000 };

export interface StepProcess {
  /** Its exit code, or the signal that ended it, when its output has been read to the end. */
  ended: Promise<number | NodeJS.Signals>;
  /** As the runner cancels it, once. */
  cancel(): void;
  /** As a machine that is lost: at once and without a word. */
  kill(): void;
}

interface Program {
  script: string;
  cwd: string;
  env: Record<string, string>;
  signalTimes: SignalTimes;
  line(from: 'stdout' | 'stderr', text: string): void;
}

/** Node on `script`, nothing in its environment but `env`, in a process group of its own so that all of it can be ended. */
export function startProcess({ script, cwd, env, signalTimes, line }: Program): StepProcess {
  const child = spawn(process.execPath, [script], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  readLines(child.stdout, (text) => line('stdout', text));
  readLines(child.stderr, (text) => line('stderr', text));
  const endGroup = () => killGroup(child);
  process.once('exit', endGroup);
  const timers: NodeJS.Timeout[] = [];
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => timers.forEach(clearTimeout));
    child.once('close', (code, signal) => {
      process.off('exit', endGroup);
      resolve(code ?? signal ?? 'SIGKILL');
    });
  });
  return {
    ended,
    kill: endGroup,
    cancel() {
      if (timers.length > 0 || child.exitCode !== null) return;
      child.kill('SIGINT');
      timers.push(
        setTimeout(() => child.kill('SIGTERM'), signalTimes.sigtermAfterMs),
        setTimeout(endGroup, signalTimes.sigkillAfterMs),
      );
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // all of it has gone
  }
}

/** Lines as .NET reads them: ended by LF, CR or both, so that a carriage return begins a line too. */
function readLines(stream: Readable, line: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string, isLast: boolean) => {
    // a CR at the very end may be half of a CR LF
    const [, whole = '', after = ''] = /^([\s\S]*?)(\r?)$/.exec(rest + text) ?? [];
    const lines = whole.split(/\r\n|\r|\n/);
    rest = (lines.pop() ?? '') + after;
    lines.forEach(line);
    if (isLast && rest !== '') line(rest.replace(/\r$/, ''));
  };
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk), false));
  stream.once('end', () => take(decoder.end(), true));
}
