/** Does work one piece after the other wherever two would use the same place. */
export interface Turns {
  /** Waits until nobody has `place`, then does the work. Resolves with null where the signal aborts before the turn came. */
  take<T>(place: string, signal: AbortSignal, work: () => Promise<T>): Promise<T | null>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(place, signal, work) {
      const before = last.get(place) ?? Promise.resolve();
      const mine = untilOver(before, signal).then(() => (signal.aborted ? null : work()));
      // whoever gave up waiting does not let the next one in before its time
      const over = Promise.allSettled([before, mine]);
      last.set(place, over);
      try {
        return await mine;
      } finally {
        void over.then(() => last.get(place) === over && last.delete(place));
      }
    },
  };
}

async function untilOver(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const left = Promise.withResolvers<void>();
  const leave = () => left.resolve();
  signal.addEventListener('abort', leave, { once: true });
  await Promise.race([before, left.promise]);
  signal.removeEventListener('abort', leave);
}
