import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const configNames = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map((extension) => `playwright.config.${extension}`);

export interface PlaywrightProject {
  /** Playwright's own cli.js: `npx` would cost 0.6 s and a process between that breaks signals. */
  cli: string;
  /** Null: Playwright's defaults. */
  configFile: string | null;
}

/** Finds the project's own Playwright; null where it has none installed. `projectDir` is a real path. */
export function findPlaywright(projectDir: string): PlaywrightProject | null {
  const configFile = configNames.map((name) => join(projectDir, name)).find((file) => existsSync(file)) ?? null;
  try {
    const manifest = createRequire(join(projectDir, 'x.js')).resolve('@playwright/test/package.json');
    return { cli: join(dirname(manifest), 'cli.js'), configFile };
  } catch {
    return null;
  }
}
