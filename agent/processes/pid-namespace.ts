import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../executors/environment.ts';
import { findProgram } from './find-program.ts';
import { killPatienceMs, signal } from './marks.ts';

/** Longer than this no machine takes to make one. */
const makingMs = 10_000;

/**
 * Its first process: collects orphans, as an init has to, and goes when the pipe from the agent closes, which the agent's
 * death does too, however that came. No word of a job is ever in it.
 */
const keeper = 'read -r _ <&3 & echo; wait';

/** Processes that see each other alone, and that the kernel ends all together: nobody daemonises out of it. */
export interface PidNamespace {
  /** The program and arguments that run `program` in it, in the namespace's folder, leader of a session of its own. */
  enter(program: string, args: readonly string[]): [string, ...string[]];
  /** Kills all that is in it; resolves once it is gone. */
  close(): Promise<void>;
}

/** Makes one whose programs run in folder `cwd`. @throws Error with the system's own words */
export type OpenNamespace = (cwd: string) => Promise<PidNamespace>;

/**
 * How this machine makes PID namespaces: as root, or else in a user namespace of one's own; null where it cannot, as on
 * macOS or in most containers. Found out by making one and running something there.
 */
export async function findNamespaces(): Promise<OpenNamespace | null> {
  const { PATH } = childEnvironment({});
  const [unshare, nsenter, setsid] = ['unshare', 'nsenter', 'setsid'].map((name) => findProgram(name, '/', PATH));
  if (!unshare || !nsenter || !setsid) return null;
  const programs = { unshare, nsenter, setsid };
  const ways: Way[] = [
    { ...programs, make: [], join: [] },
    { ...programs, make: ['--user', '--map-current-user'], join: ['--user', '--preserve-credentials'] },
  ];
  for (const way of ways) {
    const open: OpenNamespace = (cwd) => openNamespace(way, cwd);
    if (await works(open)) return open;
  }
  return null;
}

interface Way {
  /** By their full paths: a runner's own PATH may be any. */
  unshare: string;
  nsenter: string;
  setsid: string;
  /** Further words for `unshare` and for `nsenter`. */
  make: readonly string[];
  join: readonly string[];
}

async function works(open: OpenNamespace): Promise<boolean> {
  try {
    const namespace = await open('/');
    try {
      const [command, ...args] = namespace.enter('/bin/sh', ['-c', 'exit 7']);
      const [code] = await once(spawn(command, args, { stdio: 'ignore' }), 'exit');
      return code === 7;
    } finally {
      await namespace.close();
    }
  } catch {
    return false;
  }
}

async function openNamespace(way: Way, cwd: string): Promise<PidNamespace> {
  const namespaces = [...way.make, '--pid', '--fork', '--mount-proc', '--kill-child'];
  const maker = spawn(way.unshare, [...namespaces, '/bin/sh', '-c', keeper], {
    cwd,
    env: childEnvironment({}),
    detached: true, // or a Ctrl-C meant for the agent would reach it
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => maker.once('close', () => resolve()));
  await untilMade(maker);
  const init = onlyChildOf(maker.pid);
  if (init === null) {
    maker.kill('SIGKILL');
    throw new Error('The first process of a PID namespace cannot be found in /proc.');
  }
  const target = [`--target=${init}`, ...way.join, '--pid', '--mount', '--root', '--wd'];
  return {
    enter: (program, args) => [way.nsenter, ...target, '--', way.setsid, '--', program, ...args],
    async close() {
      if (maker.exitCode !== null || maker.signalCode !== null) return;
      signal(init, 'SIGKILL');
      // the kernel tells its end only when the last process in it has gone
      await Promise.race([ended, sleep(killPatienceMs, undefined, { ref: false })]);
    },
  };
}

/** Resolves when the keeper has said that it runs: everything is in its place then. */
async function untilMade(maker: ChildProcess): Promise<void> {
  let said = '';
  maker.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    maker.once('error', reject);
    maker.once('close', () => reject(new Error(`A PID namespace cannot be made. ${said}`.trim())));
  });
  const patience = setTimeout(() => maker.kill('SIGKILL'), makingMs);
  try {
    if (maker.stdout) await Promise.race([once(maker.stdout, 'data'), failed]);
  } finally {
    clearTimeout(patience);
  }
}

/** The one child of a process that has one: what `unshare` and `nsenter` run for their caller. */
export function onlyChildOf(pid: number | undefined): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return /^\d+$/.test(children) ? Number(children) : null;
  } catch {
    return null; // it has just ended
  }
}
