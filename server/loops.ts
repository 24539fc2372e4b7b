/** Something done again and again. */
export interface Loop {
  /** No further round; resolves when the present one has ended. */
  stop(): Promise<void>;
}

/**
 * Does `work` every so often, counted from the end of the round before, so that two never overlap. A failed round is told and the
 * next comes as usual.
 * @param firstMs until the first round; as long as between two unless told
 */
export function startLoop(
  work: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
  firstMs = everyMs,
): Loop {
  let stopped = false;
  let round = Promise.resolve();
  let timer = setTimeout(run, firstMs);

  function run(): void {
    round = work()
      .catch(onError)
      .then(() => {
        if (!stopped) timer = setTimeout(run, everyMs);
      });
  }

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return round;
    },
  };
}

/**
 * Does `work` whenever `untilWoken` resolves, and every so often besides; at once first. It listens before it works, so that
 * what comes meanwhile is seen in the next round.
 */
export function startWokenLoop(
  work: () => Promise<void>,
  untilWoken: (ms: number, signal: AbortSignal) => Promise<unknown>,
  everyMs: number,
  onError: (error: unknown) => void,
): Loop {
  const stopping = new AbortController();
  const rounds = async () => {
    while (!stopping.signal.aborted) {
      const woken = untilWoken(everyMs, stopping.signal);
      await work().catch(onError);
      await woken;
    }
  };
  const ended = rounds();
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}
