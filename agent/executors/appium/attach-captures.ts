import type { RunnerTest } from '../executor.ts';
import { isOf, type TestWindow } from '../runner/test-windows.ts';
import type { SessionRecord } from './record.ts';

const failing: readonly RunnerTest['status'][] = ['failed', 'timed_out', 'interrupted'];

/**
 * The tests, each failing one with what its session last showed. A session belongs to the last test that ran while it was
 * open: runners use one worker, so tests never overlap.
 */
export function attachCaptures(
  tests: readonly RunnerTest[],
  windows: readonly TestWindow[],
  sessions: readonly SessionRecord[],
): RunnerTest[] {
  const captures = new Map<TestWindow, RunnerTest['files']>();
  for (const { startedAt, endedAt, captures: files } of sessions) {
    const untilAt = endedAt ?? Number.POSITIVE_INFINITY;
    const window = windows.findLast(({ fromAt, toAt }) => fromAt <= untilAt && toAt >= startedAt);
    if (window) captures.set(window, [...(captures.get(window) ?? []), ...files]);
  }
  return tests.map((test) => {
    const window = failing.includes(test.status) ? windows.find((candidate) => isOf(candidate, test)) : undefined;
    return { ...test, files: [...test.files, ...((window && captures.get(window)) ?? [])] };
  });
}
