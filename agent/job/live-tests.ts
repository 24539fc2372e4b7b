import type { TestResult } from '../../contract/job.ts';
import type { RunnerTest } from '../executors/executor.ts';
import { fitTest } from './fit-result.ts';

/** Tests are gathered for so long, or until there are so many. */
const gatherMs = 300;
const batchSize = 50;
const maxMessage = 4096;

export interface LiveTests {
  add(test: RunnerTest): void;
  /** Sends what is left; resolves when no call is under way. */
  finish(): Promise<void>;
}

/**
 * Tells of tests as they end, for those who watch: in small batches, one after the other, with the first error shortened.
 * @param send never rejects: the result will repeat everything
 */
export function tellTests(send: (tests: TestResult[]) => Promise<void>): LiveTests {
  let waiting: TestResult[] = [];
  let sending: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) sending = sending.then(() => send(batch));
  }

  return {
    add(test) {
      waiting.push(brief(test));
      if (waiting.length >= batchSize) flush();
      else timer ??= setTimeout(flush, gatherMs);
    },
    async finish() {
      flush();
      await sending;
    },
  };
}

function brief(test: RunnerTest): TestResult {
  const errors = test.errors.slice(0, 1).map(({ snippet: _, ...error }) => ({
    ...error,
    message: error.message.slice(0, maxMessage),
  }));
  return { ...fitTest(test, []), errors };
}
