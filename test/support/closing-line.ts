import type { Reporter, TestModule } from 'vitest/node';

/** Prints 'N passed, N failed, N skipped' as the very last line, for tools that look for one. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      if (module.errors().length > 0) count.failed++;
    }
    // a test left pending when the run ended did not pass
    const failed = count.failed + count.pending;
    process.once('exit', () => console.log(`${count.passed} passed, ${failed} failed, ${count.skipped} skipped`));
  }
}
