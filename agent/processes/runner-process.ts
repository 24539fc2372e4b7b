import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../executors/environment.ts';
import { findProgram } from './find-program.ts';
import { killMarked, runMarker, signal } from './marks.ts';
import { type OpenNamespace, onlyChildOf, type PidNamespace } from './pid-namespace.ts';

/** How a process ended: `signal` is null where it ended by itself. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of somebody else's code, and whatever that starts. */
export interface RunnerProcess {
  stdout: Readable;
  stderr: Readable;
  /** Its own end; what it started may live on. @throws what `spawn` gives for a program that cannot be started */
  ended: Promise<Exit>;
  /**
   * Ends it: asks it alone by SIGINT, the only signal on which runners write their report and close sessions, and kills it
   * with what it started after `graceMs`.
   */
  stop(graceMs: number): Promise<void>;
  /** Kills whatever is left of it; resolves once nothing is. */
  clear(): Promise<void>;
}

export interface RunnerOptions {
  cwd: string;
  env: Environment;
  /** Marks every process of it. */
  runId: string;
}

/** Starts a program without a shell. @throws Error when this machine has no room for a PID namespace any more */
export type StartRunner = (program: string, args: readonly string[], options: RunnerOptions) => Promise<RunnerProcess>;

/**
 * What starts runners, each in a PID namespace of its own where `openNamespace` makes them. Without, a runner is known by its
 * process group and by a mark in its environment: one that makes itself a daemon and scrubs its environment escapes.
 */
export function createStartRunner(openNamespace: OpenNamespace | null): StartRunner {
  return async (program, args, { cwd, env, runId }) => {
    const marked = { ...env, [runMarker]: runId };
    // what cannot be started is not worth a namespace, and the failure is spawn's own then
    const namespace = openNamespace && findProgram(program, cwd, env.PATH) ? await openNamespace(cwd) : null;
    const [command, ...words] = namespace?.enter(program, args) ?? [program, ...args];
    const child = spawn(command, words, { cwd, env: marked, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    return attached(child, namespace, runId);
  };
}

type Child = ChildProcess & Pick<RunnerProcess, 'stdout' | 'stderr'>;

function attached(child: Child, namespace: PidNamespace | null, runId: string): RunnerProcess {
  let over = false;
  const ended = new Promise<Exit>((end, fail) => {
    child.once('error', fail);
    child.once('exit', (code, by) => end({ code, signal: by }));
  }).finally(() => {
    over = true;
  });
  ended.catch(() => undefined); // for whoever waits to hear of
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    async stop(graceMs) {
      // inside, the runner is the only child of what entered for it
      const leader = namespace ? onlyChildOf(child.pid) : child.pid;
      if (graceMs > 0 && leader && !over) {
        signal(leader, 'SIGINT');
        await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
      }
      if (namespace) await namespace.close();
      if (!over && child.pid) signal(-child.pid, 'SIGKILL');
      await ended;
    },
    async clear() {
      await namespace?.close();
      await killMarked(runMarker, runId);
    },
  };
}
