import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with these files, gone when the test has finished. */
export function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A small Playwright project. */
export function aProject(files: Record<string, string> = {}): string {
  return folderWith({
    'playwright.config.ts': 'export default {};\n',
    'tests/onboarding.spec.js': 'test\n',
    'tests/checkout.spec.ts': 'test\n',
    'tests/helpers.ts': 'no test\n',
    ...files,
  });
}

/** Runs git in a folder as somebody. */
export function git(folder: string, ...args: string[]): void {
  const who = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
  execFileSync('git', [...who, ...args], { cwd: folder, stdio: 'ignore' });
}
