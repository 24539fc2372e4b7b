import type { RunnerTest } from '../executor.ts';
import type { RunnerEvent } from './events.ts';

/** When one try of a test ran, by this machine's clock in milliseconds; to infinity where it did not end. */
export interface TestWindow {
  id: string;
  retry: number;
  fromAt: number;
  toAt: number;
}

/** The tries of a run in the order they began. A stream without instants, such as a JSON report, has none. */
export function windowsOf(events: readonly RunnerEvent[]): TestWindow[] {
  const windows: TestWindow[] = [];
  for (const event of events) {
    if (event.at === undefined) continue;
    if (event.type === 'testBegin')
      windows.push({ id: event.id, retry: event.retry, fromAt: event.at, toAt: Number.POSITIVE_INFINITY });
    if (event.type !== 'testEnd') continue;
    const begun = windows.find((window) => isOf(window, { id: event.test.id, retry: event.retry }));
    if (begun) begun.toAt = event.at;
  }
  return windows;
}

export function isOf(window: TestWindow, test: Pick<RunnerTest, 'id' | 'retry'>): boolean {
  return window.id === test.id && window.retry === test.retry;
}
