import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentOrder } from './agent.ts';

const script = fileURLToPath(new URL('agent.ts', import.meta.url));

/** The agents' processes: always as many as there are keys, but while one is dead. */
export interface Fleet {
  size: number;
  /** SIGKILL, and another process in its place. */
  replace(index: number): Promise<void>;
  /** SIGSTOP, and SIGCONT after `ms`. */
  freeze(index: number, ms: number): Promise<void>;
  killAll(): Promise<void>;
  /** Agents that ended by themselves, which none should. */
  crashes: string[];
}

export function startFleet(
  keys: readonly string[],
  order: Pick<AgentOrder, 'base' | 'leaseMs' | 'seed'> & { folder: string },
): Fleet {
  const crashes: string[] = [];
  let spawned = 0;
  const children = keys.map((_, index) => start(index));
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });

  function start(index: number): ChildProcess {
    const { base, leaseMs, seed, folder } = order;
    const life = spawned++;
    const journal = join(folder, `agent-${index}-life-${life}.jsonl`);
    const settings = { base, leaseMs, key: keys[index], name: `agent-${index}`, seed: seed + life, journal };
    const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
      // the channel tells it when this process has gone
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    child.once('exit', (code, signal) => {
      if (signal === null) crashes.push(`agent-${index} ended with ${code}: ${said.slice(0, 2000)}`);
    });
    return child;
  }

  async function kill(index: number): Promise<void> {
    const child = children[index];
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  return {
    size: keys.length,
    crashes,
    async replace(index) {
      await kill(index);
      children[index] = start(index);
    },
    async freeze(index, ms) {
      const child = children[index];
      child?.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, ms));
      child?.kill('SIGCONT');
    },
    async killAll() {
      await Promise.all(children.map((_, index) => kill(index)));
    },
  };
}
