import { defineConfig } from 'vitest/config';

/** Real AppWright and Appium on two cores: one file after the other, and time enough. */
export default defineConfig({
  test: {
    include: ['test/appwright/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
