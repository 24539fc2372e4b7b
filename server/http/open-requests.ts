import type { ServerResponse } from 'node:http';

/** Why a waiting request need not wait any longer. */
export type EndOfWait = 'client_left' | 'key_refused' | 'stopping';

/** The requests that wait: long polls and event streams, by the key they came with. */
export interface OpenRequests {
  /** Registers a request until its response is closed. */
  open(keyText: string, outgoing: ServerResponse): AbortSignal;
  /** How many wait. */
  count(): number;
  /** The keys that something waits under. */
  keys(): string[];
  /** Ends what waits under this key. */
  refuse(keyText: string): void;
  /** Ends everything that waits, and whatever is opened from now on. */
  stop(): void;
}

export function createOpenRequests(): OpenRequests {
  const byKey = new Map<string, Set<AbortController>>();
  let count = 0;
  let stopping = false;

  const end = (controllers: Iterable<AbortController>, why: EndOfWait) => {
    for (const controller of [...controllers]) controller.abort(why);
  };

  return {
    open(keyText, outgoing) {
      const controller = new AbortController();
      if (stopping) controller.abort('stopping' satisfies EndOfWait);
      const mine = byKey.get(keyText) ?? new Set();
      byKey.set(keyText, mine.add(controller));
      count++;
      outgoing.once('close', () => {
        count--;
        mine.delete(controller);
        if (mine.size === 0 && byKey.get(keyText) === mine) byKey.delete(keyText);
        controller.abort('client_left' satisfies EndOfWait);
      });
      return controller.signal;
    },
    count: () => count,
    keys: () => [...byKey.keys()],
    refuse: (keyText) => end(byKey.get(keyText) ?? [], 'key_refused'),
    stop() {
      stopping = true;
      for (const controllers of byKey.values()) end(controllers, 'stopping');
    },
  };
}
