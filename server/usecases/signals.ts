import type { Target } from '../../contract/words.ts';

/**
 * Who waits for what, in this process. Sent after the commit, so that whoever wakes sees the change; a waiter looks
 * before it waits and again after it wakes, so that a signal too many is harmless.
 */
export interface Signals {
  /** Something in this run changed. */
  runChanged(runId: string): void;
  /** There may be work for devices of this target. */
  workArrived(target: Target): void;
  /** A delivery of GitHub waits to be worked on. */
  deliveryArrived(): void;
  /** Resolves true at the next change of the run, false after `ms` or when `signal` aborts. */
  untilRunChanges(runId: string, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Resolves true when work may have arrived, false after `ms` or when `signal` aborts. */
  untilWorkArrives(target: Target, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Resolves true when a delivery has arrived, false after `ms` or when `signal` aborts. */
  untilDeliveryArrives(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** Signals within one process. */
export function createSignals(): Signals {
  const runs = createBoard<string>();
  const work = createBoard<Target>();
  const deliveries = createBoard<'any'>();
  return {
    runChanged: runs.wake,
    workArrived: work.wake,
    deliveryArrived: () => deliveries.wake('any'),
    untilRunChanges: runs.wait,
    untilWorkArrives: work.wait,
    untilDeliveryArrives: (ms, signal) => deliveries.wait('any', ms, signal),
  };
}

function createBoard<K>() {
  const waiting = new Map<K, Set<() => void>>();
  return {
    wake(key: K): void {
      const all = waiting.get(key);
      if (!all) return;
      waiting.delete(key);
      for (const wake of all) wake();
    },
    wait(key: K, ms: number, signal: AbortSignal): Promise<boolean> {
      if (ms <= 0 || signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const done = (woken: boolean) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', stop);
          const all = waiting.get(key);
          all?.delete(wake);
          if (all?.size === 0) waiting.delete(key);
          resolve(woken);
        };
        const wake = () => done(true);
        const stop = () => done(false);
        const timer = setTimeout(stop, ms);
        signal.addEventListener('abort', stop, { once: true });
        const all = waiting.get(key);
        if (all) all.add(wake);
        else waiting.set(key, new Set([wake]));
      });
    },
  };
}
