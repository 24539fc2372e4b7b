import type { ExecuteRequest } from '../executor.ts';
import type { Stop } from './outcome.ts';

export interface Watchdog {
  /** Resolves with the first limit that was passed; never when none is. */
  barked: Promise<Stop>;
  /** The runner printed or told something; `begun` when it had loaded the tests. */
  sawLife(what: 'alive' | 'begun'): void;
  stop(): void;
}

/** Watches a runner's three limits: the job's own, its start, its silence. */
export function startWatchdog({ timeoutMs, limits }: Pick<ExecuteRequest, 'timeoutMs' | 'limits'>): Watchdog {
  const { promise: barked, resolve: bark } = Promise.withResolvers<Stop>();
  const after = (ms: number, limit: 'job' | 'start' | 'idle') =>
    setTimeout(() => bark({ why: 'timed_out', limit, seconds: ms / 1000 }), ms);
  const job = after(timeoutMs, 'job');
  const start = after(limits.startMs, 'start');
  const idle = after(limits.idleMs, 'idle');
  return {
    barked,
    sawLife(what) {
      idle.refresh();
      if (what === 'begun') clearTimeout(start);
    },
    stop() {
      for (const timer of [job, start, idle]) clearTimeout(timer);
    },
  };
}
