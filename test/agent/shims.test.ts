import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from './support/project.ts';

const shims = fileURLToPath(new URL('../../agent/executors/appwright/shims', import.meta.url));

/** A machine with programs of those names, which say that they are the real ones. */
function run(words: [string, ...string[]], path: (shims: string, real: string) => string[]) {
  const real = temporaryFolder();
  for (const name of ['npx', 'pkill']) {
    writeFiles(real, { [name]: `#!/bin/sh\necho "real ${name} $*"\n` });
    chmodSync(join(real, name), 0o755);
  }
  const env = { QGJOB_SHIMS: shims, PATH: [...path(shims, real), '/usr/bin', '/bin'].join(':') };
  const [program, ...args] = words;
  return spawnSync('/bin/sh', ['-c', 'exec "$0" "$@"', program, ...args], { env, encoding: 'utf8', timeout: 5000 })
    .stdout;
}

test.each([
  ['first', (own: string, real: string) => [own, real]],
  ['behind what npm puts before it', (own: string, real: string) => ['/project/node_modules/.bin', own, real]],
  ['twice', (own: string, real: string) => [own, '/x', own, own, real]],
  ['last', (own: string, real: string) => ['/x', own, real]],
] as const)('what is not AppWright’s reaches the real program, with the shims %s in PATH', (_, path) => {
  expect(run(['npx', 'tsx', 'a b'], path)).toBe('real npx tsx a b\n');
  expect(run(['pkill', '-x', 'node'], path)).toBe('real pkill -x node\n');
  expect(run(['npx', 'appium'], path)).toBe('Appium REST http interface listener started by the agent\n');
  expect(run(['pkill', '-f', 'appium'], path)).toBe('');
});
