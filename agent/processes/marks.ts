import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Environment variable that every process of one execution carries. */
export const runMarker = 'QGJOB_RUN_ID';
/** Environment variable that every process of one work folder's agent carries, over its restarts. */
export const agentMarker = 'QGJOB_AGENT_MARK';

/**
 * Processes whose environment has `name=value`, this one excepted. A process that made itself a daemon or a session of its
 * own is found all the same. Empty where there is no /proc.
 */
export function findMarked(name: string, value: string): number[] {
  const marker = `${name}=${value}`;
  return processIds().filter((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(marker)) return false;
      return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
    } catch {
      return false; // gone, or another user's
    }
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}

/** A process stuck in the kernel cannot be killed; nobody waits for it longer than this. */
export const killPatienceMs = 10_000;

/** Kills every process marked `name=value` until none is left; resolves with how many it killed. */
export async function killMarked(name: string, value: string): Promise<number> {
  const killed = new Set<number>();
  const deadline = performance.now() + killPatienceMs;
  for (;;) {
    const found = findMarked(name, value);
    if (found.length === 0 || performance.now() > deadline) return killed.size;
    for (const pid of found) {
      killed.add(pid);
      signal(pid, 'SIGKILL');
    }
    await sleep(20); // the kernel needs a moment to take them down
  }
}

/** Sends a signal to a process, or to a group by its negated id; nothing happens where there is none any more. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has just ended
  }
}
