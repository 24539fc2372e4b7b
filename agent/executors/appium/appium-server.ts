import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { freePort } from '../../free-port.ts';
import { pause } from '../../pause.ts';
import type { Log } from '../../settings.ts';
import type { Environment } from '../environment.ts';
import { ask } from './upstream.ts';

const tether = fileURLToPath(new URL('tether.cjs', import.meta.url));
const keptOutputBytes = 8 * 1024;

export interface AppiumServerDeps {
  /** Appium's main file (.js), run by this Node, or a program. */
  program: string;
  env: Environment;
  log: Log;
  /** How often a running Appium is asked for its health, and how long it may take to answer; it is dead after two silences. */
  healthMs?: number;
  /** How long a start may take. */
  startMs?: number;
  /** A running Appium ended or went silent: every session is lost. */
  onDown: (message: string) => void;
}

/** One long-lived Appium on a port of its own choice, started when first needed and anew after each of its deaths. */
export interface AppiumServer {
  /** The port where it answers. @throws Error, with Appium's own words, when it cannot be started */
  ready(): Promise<number>;
  close(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  port: number;
  /** Aborts when this process has ended or was given up. */
  over: AbortController;
}

export function createAppiumServer(deps: AppiumServerDeps): AppiumServer {
  const { healthMs = 10_000, startMs = 60_000, log } = deps;
  let starting: Promise<Running> | undefined;

  async function start(): Promise<Running> {
    const port = await freePort();
    const isScript = /\.[cm]?js$/.test(deps.program);
    const args = ['server', '--address', '127.0.0.1', '--port', String(port), '--log-no-colors', '--log-level', 'warn'];
    // it ends with this agent: its standard input is a pipe that closes then, and the tether watches it
    const child = isScript
      ? spawn(process.execPath, ['--require', tether, deps.program, ...args], options(deps.env))
      : spawn(deps.program, args, options(deps.env));
    const running = { child, port, over: new AbortController() };
    let said = '';
    const hear = (chunk: Buffer) => {
      said = (said + stripVTControlCharacters(chunk.toString())).slice(-keptOutputBytes);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
    });
    void ended.then(() => running.over.abort());
    if (!(await answersWithin(running, startMs))) {
      await kill(running);
      throw new Error(`Appium cannot be started (${await ended}). It said: ${said.trim().slice(-2000) || 'nothing'}`);
    }
    void ended.then((how) => down(running, `Appium died: ${how}.`));
    void watch(running);
    log({ level: 'info', message: 'Appium has started', port });
    return running;
  }

  async function answersWithin({ port, over }: Running, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (!over.signal.aborted && performance.now() < deadline) {
      if (await isHealthy(port, 2000)) return !over.signal.aborted;
      await pause(100, over.signal);
    }
    return false;
  }

  async function watch(running: Running): Promise<void> {
    for (let silences = 0; silences < 2; ) {
      await pause(healthMs, running.over.signal);
      if (running.over.signal.aborted) return;
      silences = (await isHealthy(running.port, healthMs)) ? 0 : silences + 1;
    }
    down(running, `Appium gave no sign of life for ${(2 * healthMs) / 1000} s and was ended.`);
    await kill(running);
  }

  let current: Running | undefined;
  function down(running: Running, message: string): void {
    if (current !== running) return;
    current = undefined;
    starting = undefined;
    log({ level: 'warn', message });
    deps.onDown(message);
  }

  return {
    async ready() {
      starting ??= start().then((running) => {
        current = running;
        if (running.over.signal.aborted) down(running, 'Appium died at its start.');
        return running;
      });
      const mine = starting;
      return mine.then(
        ({ port }) => port,
        (error) => {
          if (starting === mine) starting = undefined;
          throw error;
        },
      );
    },
    async close() {
      const running = await starting?.catch(() => undefined);
      current = undefined;
      starting = undefined;
      if (running) await kill(running);
    },
  };
}

function options(env: Environment) {
  return { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] };
}

async function isHealthy(port: number, timeoutMs: number): Promise<boolean> {
  return ask({ port, method: 'GET', path: '/status', timeoutMs }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Ends Appium with what it started, except adb's daemon, which is every device's. */
async function kill({ child, over }: Running): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
  await ended;
  over.abort();
}
