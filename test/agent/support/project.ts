import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const packages = resolve(import.meta.dirname, '../../../node_modules');

/** A folder of its own for one test, gone after it. A real path. */
export function temporaryFolder(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-test-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes files, given as path and text, below `dir`. */
export function writeFiles(dir: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** A Playwright project of these files, with this repository's packages. */
export function playwrightProject(files: Record<string, string>): string {
  const dir = temporaryFolder();
  writeFiles(dir, { 'package.json': '{"private":true}', 'playwright.config.ts': playwrightConfig, ...files });
  symlinkSync(packages, join(dir, 'node_modules'));
  return dir;
}

const playwrightConfig = `
  import { defineConfig } from '@playwright/test';
  export default defineConfig({ testDir: './tests' });
`;

/** A spec file with this body, in which `test` and `expect` are known. */
export const spec = (body: string) => `import { expect, test } from '@playwright/test';\n${body}\n`;
