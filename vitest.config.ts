import { defineConfig } from 'vitest/config';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // better-sqlite3 13 is killed by a segmentation fault there, without a word
  throw new Error(`The tests need Node 22.19 or newer, this is ${process.version}. Use "npm test": it brings its own.`);
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // needs packages of its own: npm run test:appwright
    exclude: ['test/appwright/**', '**/node_modules/**'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    pool: 'forks',
    // most tests wait for processes of their own: one worker would leave a second core idle
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
