import type { Target } from '../../contract/words.ts';
import { type Capable, type Kind, kindKey, leastVersatileFirst } from '../domain/scheduler/versatility.ts';

/**
 * Who waits for what, in this process. Sent after the commit, so that whoever wakes sees the change; a waiter looks
 * before it waits and again after it wakes, so that a signal too many is harmless.
 */
export interface Signals {
  /** Something in this run changed. */
  runChanged(runId: string): void;
  /** There may be work for devices of this target, of this kind if that is known. The least versatile devices wake first. */
  workArrived(target: Target, kind?: Kind): void;
  /** A delivery of GitHub waits to be worked on. */
  deliveryArrived(): void;
  /** Resolves true at the next change of the run, false after `ms` or when `signal` aborts. */
  untilRunChanges(runId: string, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Resolves true when work may have arrived for the device, false after `ms` or when `signal` aborts. */
  untilWorkArrives(device: Capable, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Resolves true when a delivery has arrived, false after `ms` or when `signal` aborts. */
  untilDeliveryArrives(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** So many kinds of work are remembered; more only when every submission asks for something else. */
const rememberedKinds = 100;

/** Signals within one process. */
export function createSignals(): Signals {
  const runs = createBoard<string, null>();
  const work = createBoard<Target, Capable>();
  const deliveries = createBoard<'any', null>();
  const kinds = new Map<string, Kind>();
  const remember = ({ target, devices }: Kind) => {
    const key = kindKey({ target, devices });
    kinds.delete(key);
    kinds.set(key, { target, devices });
    const [oldest] = kinds.size > rememberedKinds ? kinds.keys() : [];
    if (oldest !== undefined) kinds.delete(oldest);
  };
  return {
    runChanged: (runId) => runs.wake(runId),
    workArrived(target, kind) {
      if (kind) remember(kind);
      work.wake(target, (waiters) => leastVersatileFirst(waiters, ({ who }) => who, [...kinds.values()]));
    },
    deliveryArrived: () => deliveries.wake('any'),
    untilRunChanges: (runId, ms, signal) => runs.wait(runId, null, ms, signal),
    untilWorkArrives: (device, ms, signal) => work.wait(device.target, device, ms, signal),
    untilDeliveryArrives: (ms, signal) => deliveries.wait('any', null, ms, signal),
  };
}

interface Waiter<W> {
  who: W;
  wake: () => void;
}

function createBoard<K, W>() {
  const waiting = new Map<K, Set<Waiter<W>>>();
  return {
    wake(key: K, inOrder = (waiters: Iterable<Waiter<W>>): Iterable<Waiter<W>> => waiters): void {
      const all = waiting.get(key);
      if (!all) return;
      waiting.delete(key);
      for (const waiter of inOrder(all)) waiter.wake();
    },
    wait(key: K, who: W, ms: number, signal: AbortSignal): Promise<boolean> {
      if (ms <= 0 || signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const done = (woken: boolean) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', stop);
          const all = waiting.get(key);
          all?.delete(waiter);
          if (all?.size === 0) waiting.delete(key);
          resolve(woken);
        };
        const waiter = { who, wake: () => done(true) };
        const stop = () => done(false);
        const timer = setTimeout(stop, ms);
        signal.addEventListener('abort', stop, { once: true });
        const all = waiting.get(key);
        if (all) all.add(waiter);
        else waiting.set(key, new Set([waiter]));
      });
    },
  };
}
