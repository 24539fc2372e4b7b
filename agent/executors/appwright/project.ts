import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const configNames = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map((extension) => `appwright.config.${extension}`);

/** From here on Playwright refuses the way AppWright sets its device: every test fails (1.59.1 works, 1.60.0 does not). */
const firstRefusing = [1, 60] as const;

export interface AppwrightProject {
  /** cli.js of the Playwright that AppWright itself uses; its own program splits arguments at spaces and hides exit codes. */
  cli: string;
  configFile: string;
}

/** Finds the project's AppWright; a text says what the project lacks. `projectDir` is a real path. */
export function findAppwright(projectDir: string): AppwrightProject | string {
  const configFile = configNames.map((name) => join(projectDir, name)).find((file) => existsSync(file));
  if (!configFile) return 'The project has no appwright.config.ts.';
  const appwright = resolve(join(projectDir, 'x.js'), 'appwright/package.json');
  if (!appwright)
    return 'The project has no appwright: add it to the dependencies in package.json and commit package-lock.json.';
  const manifest = resolve(appwright, '@playwright/test/package.json');
  if (!manifest)
    return 'The project has no @playwright/test, which AppWright needs: run npm install and commit package-lock.json.';
  const version = versionIn(manifest);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > firstRefusing[0] || (major === firstRefusing[0] && minor >= firstRefusing[1])) {
    return `AppWright cannot work with Playwright ${version}: from ${firstRefusing.join('.')} on every test of it fails. Add "overrides": {"@playwright/test": "1.59.1"} to package.json (and the same version wherever it is named), run npm install and commit package-lock.json.`;
  }
  return { cli: join(dirname(manifest), 'cli.js'), configFile };
}

function resolve(from: string, name: string): string | null {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return null;
  }
}

function versionIn(manifest: string): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
