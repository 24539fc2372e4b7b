import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pause } from './call.ts';

const command = fileURLToPath(new URL('../../cli/qgjob.js', import.meta.url));

/** The real server, `qgjob serve`, as a process that can be killed and started again at the same address. */
export interface ServerProcess {
  base: string;
  /** Resolves when it answers that it is ready. */
  start(): Promise<void>;
  /** Resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null }>;
  /** How long each start took until it was ready, ms. */
  startsMs: number[];
}

export async function createServerProcess(options: {
  database: string;
  blobs: string;
  bootstrapKey: string;
  leaseSeconds: number;
  /** Further variables of its environment. */
  environment?: Record<string, string>;
  /** Everything it logs goes here. */
  log: string;
}): Promise<ServerProcess> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const startsMs: number[] = [];
  let child: ChildProcess | null = null;
  process.once('exit', () => child?.kill('SIGKILL'));

  async function start(): Promise<void> {
    const startedAt = performance.now();
    const log = openSync(options.log, 'a');
    const started = spawn(process.execPath, [command, 'serve', '--port', String(port)], {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        HOME: options.blobs,
        QGJOB_DATABASE_URL: options.database,
        QGJOB_BLOB_URL: options.blobs,
        QGJOB_BOOTSTRAP_KEY: options.bootstrapKey,
        QGJOB_LEASE_SECONDS: String(options.leaseSeconds),
        LOG_LEVEL: 'warn',
        ...options.environment,
      },
    });
    child = started;
    closeSync(log);
    while (!(await isReady(base))) {
      if (started.exitCode !== null) throw new Error(`the server ended with ${started.exitCode}: see ${options.log}`);
      if (performance.now() - startedAt > 30_000) throw new Error(`the server is not ready: see ${options.log}`);
      await pause(25);
    }
    startsMs.push(performance.now() - startedAt);
  }

  async function kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null }> {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return { code: null };
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
    return { code: ending.exitCode };
  }

  return { base, start, kill, startsMs };
}

async function isReady(base: string): Promise<boolean> {
  const answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
  await answer?.arrayBuffer().catch(() => {});
  return answer?.status === 200;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
