/** Does a piece of work once for all who want it at the same time. */
export interface Sharing {
  /**
   * The result of the work named `key`, started unless it is under way. Whoever's `signal` aborts stops waiting; the work
   * itself is aborted when nobody waits for it any more.
   */
  join<T>(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Shared {
  result: Promise<unknown>;
  waiting: number;
  abort: AbortController;
}

export function createSharing(): Sharing {
  const running = new Map<string, Shared>();
  return {
    async join<T>(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      signal.throwIfAborted();
      const shared = running.get(key) ?? start(key, work);
      shared.waiting++;
      const left = Promise.withResolvers<never>();
      const leave = () => left.reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      try {
        // safe because a key names one kind of work, of one result type
        return (await Promise.race([shared.result, left.promise])) as T;
      } finally {
        signal.removeEventListener('abort', leave);
        if (--shared.waiting === 0) {
          if (running.get(key) === shared) running.delete(key);
          shared.abort.abort(signal.reason);
        }
      }
    },
  };

  function start(key: string, work: (signal: AbortSignal) => Promise<unknown>): Shared {
    const abort = new AbortController();
    const result = work(abort.signal);
    result.catch(() => undefined); // those who left do not hear of it
    const shared = { result, waiting: 0, abort };
    running.set(key, shared);
    return shared;
  }
}
