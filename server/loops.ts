/** Something done again and again. */
export interface Loop {
  /** No further round; resolves when the present one has ended. */
  stop(): Promise<void>;
}

/** Does `work` every so often, counted from the end of the round before, so that two never overlap. A failed round is told and the next comes as usual. */
export function startLoop(work: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): Loop {
  let stopped = false;
  let round = Promise.resolve();
  let timer = setTimeout(run, everyMs);

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
