import type { RunnerTest } from '../executor.ts';
import { isInfrastructure } from '../infra-patterns.ts';
import { isOf, type TestWindow } from './test-windows.ts';

/** A failure the agent saw with its own eyes, beside what the runner tells. `at` is this machine's clock in milliseconds. */
export interface Witnessed {
  at: number;
  message: string;
  /** `app`: the device worked and the app did not come up. */
  blame: 'device' | 'app';
}

/**
 * What gave way while this test failed; null where the failure is the test's own or its app's. What the agent saw during the
 * test comes first; only where it saw nothing do the runner's words count.
 */
export function infrastructureOf(
  test: RunnerTest,
  windows: readonly TestWindow[],
  witnessed: readonly Witnessed[],
): string | null {
  const window = windows.find((candidate) => isOf(candidate, test));
  const seen = window ? witnessed.filter(({ at }) => at >= window.fromAt && at <= window.toAt) : [];
  const ofDevice = seen.find(({ blame }) => blame === 'device');
  if (ofDevice) return ofDevice.message;
  if (seen.length > 0) return null;
  return test.errors.find(({ message }) => isInfrastructure(message))?.message ?? null;
}
