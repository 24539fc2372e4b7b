import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { action } from './support/bench.ts';

test('the step ends when the runner has taken all it said, however much that is', async () => {
  const env = { INPUT_DEVICES: 'x\n'.repeat(40_000) };
  const child = spawn(process.execPath, [join(action, 'dist/index.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(said.match(/- devices: /g)).toHaveLength(40_000);
  expect(said).toMatch(/\n$/);
});
