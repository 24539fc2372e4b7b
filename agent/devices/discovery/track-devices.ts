import { spawn } from 'node:child_process';
import type { Environment } from '../../executors/environment.ts';
import { backoffMs, pause } from '../../pause.ts';
import { parseDevices } from '../adb/adb.ts';

/** How long adb may be away before what it last told counts for nothing. */
const patienceMs = 15_000;
/** A tracking that lasted this long was a good one: the next begins at once. */
const settledMs = 5000;

export type TrackedDevice = ReturnType<typeof parseDevices>[number];

export interface TrackDeps {
  /** The adb program, and its environment: never with a mark of this agent's, for a daemon may be started with it. */
  adb: string;
  env: Environment;
  /** Each list adb tells, and null once adb itself has been away for too long. */
  tell: (devices: readonly TrackedDevice[] | null) => void;
  signal: AbortSignal;
}

/**
 * Follows `adb track-devices` until the signal aborts. Where adb's server dies it is asked again, which starts it anew. What
 * was told last holds meanwhile: a daemon that restarts has unplugged nothing. Never rejects.
 */
export async function trackDevices(deps: TrackDeps): Promise<void> {
  const { signal, tell } = deps;
  let goodUntilMs = performance.now() + patienceMs;
  for (let failures = 0; !signal.aborted; ) {
    const startedAtMs = performance.now();
    await trackOnce(deps, () => {
      goodUntilMs = Number.POSITIVE_INFINITY;
    });
    if (signal.aborted) return;
    const nowMs = performance.now();
    goodUntilMs = Math.min(goodUntilMs, nowMs + patienceMs);
    failures = nowMs - startedAtMs > settledMs ? 0 : failures + 1;
    if (nowMs >= goodUntilMs) tell(null);
    await pause(failures === 0 ? 0 : backoffMs(failures, 5000), signal);
  }
}

async function trackOnce({ adb, env, tell, signal }: TrackDeps, heard: () => void): Promise<void> {
  const child = spawn(adb, ['track-devices'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const end = () => child.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  const take = takeMessages((text) => {
    heard();
    tell(parseDevices(text));
  });
  child.stdout.on('data', (chunk: Buffer) => {
    // out of step with the stream: it is asked anew
    if (!take(chunk)) end();
  });
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  signal.removeEventListener('abort', end);
}

/**
 * Takes adb's stream apart: each message is its length in four hexadecimal digits and as many bytes of text, a whole list.
 * What adb says of its daemon comes before, in lines that begin with `*`. False where the stream is none.
 */
export function takeMessages(onMessage: (text: string) => void): (chunk: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length > 0) {
      if (rest[0] === 0x2a || rest[0] === 0x0a) {
        const end = rest.indexOf(0x0a);
        if (end < 0) return true;
        rest = rest.subarray(end + 1);
        continue;
      }
      if (rest.length < 4) return true;
      const digits = rest.toString('latin1', 0, 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) return false;
      const end = 4 + Number.parseInt(digits, 16);
      if (rest.length < end) return true;
      onMessage(rest.toString('utf8', 4, end));
      rest = rest.subarray(end);
    }
    return true;
  };
}
