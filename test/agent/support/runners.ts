import { readdirSync, readFileSync } from 'node:fs';
import { findNamespaces } from '../../../agent/processes/pid-namespace.ts';
import { createStartRunner, type StartRunner } from '../../../agent/processes/runner-process.ts';

const namespaces = await findNamespaces();

/** As an agent on this machine starts runners. */
export const startRunner = createStartRunner(namespaces);
/** As one does where no namespace can be made. */
export const startInGroup = createStartRunner(null);

/** Both ways, where this machine has both. */
export const waysToStart: [string, StartRunner][] = [
  ...(namespaces ? [['in a PID namespace', startRunner] as [string, StartRunner]] : []),
  ['in a process group', startInGroup],
];
/** The way out of which nothing escapes, where this machine has it. */
export const tightWays = waysToStart.filter(([name]) => name.includes('namespace'));

let daemons = 0;

/**
 * A daemon that no mark and no group reaches: its environment is scrubbed, it forked twice and has a session of its own.
 * `code` starts it, as a statement of JavaScript; `alive` lists it by its arguments.
 */
export function stealthyDaemon(): { code: string; alive: () => string[] } {
  const seconds = `${600_000 + process.pid}.${++daemons}`;
  const script = `env -i setsid sh -c "setsid sleep ${seconds} </dev/null >/dev/null 2>&1 &" & exit 0`;
  const code = `require('node:child_process').execFileSync('/bin/sh', ['-c', ${JSON.stringify(script)}], { stdio: 'ignore' });`;
  return {
    code,
    alive: () => commandLines().filter((line) => line.endsWith(` sleep ${seconds}`) && line.split(' ').length === 3),
  };
}

/** Every process of the machine: its id and its arguments. */
function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()}`];
    } catch {
      return []; // it has just ended
    }
  });
}
