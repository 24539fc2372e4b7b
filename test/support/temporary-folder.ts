import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the files of one test file, gone when its tests are over. */
export function temporaryFolder(): { path: string; file(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'qgjob-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return { path, file: (name) => join(path, name) };
}
