// What every wrapper configuration needs: the project's own configuration, and what is the same in all of them. Wrappers live
// outside the checkout, so every path the project gave relative to its own configuration is made absolute.
// Plain JavaScript and ESM, since that loads projects of every kind: TypeScript or not, ESM or CommonJS.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The default export of the project's configuration file; nothing of its own where `file` is null. */
export async function load(file) {
  return file ? unwrapped(await import(pathToFileURL(file).href)) : {};
}

/** The configuration a module exports: CommonJS compiled from ESM comes wrapped twice. */
export function unwrapped(config) {
  return config && typeof config === 'object' && 'default' in config ? unwrapped(config.default) : config;
}

/** How a path of a configuration in `configDir` reads from anywhere; undefined stays. */
export function resolver(configDir) {
  return (file) => (file === undefined ? undefined : path.resolve(configDir, file));
}

/** Set-up and teardown scripts: files, or packages, of a configuration in `configDir`. */
export function scripts(given, configDir) {
  if (given === undefined) return undefined;
  const resolve = createRequire(path.join(configDir, 'x.js')).resolve;
  const found = (file) => {
    const absolute = path.resolve(configDir, file);
    return existsSync(absolute) ? absolute : resolve(file);
  };
  return Array.isArray(given) ? given.map(found) : found(given);
}

/** The user's configuration with what holds for every job: its paths, one worker, the agent's reporter first. */
export function wrapped(user, configDir, { outputDir, reporter, report }) {
  const fromConfig = resolver(configDir);
  return {
    ...user,
    testDir: fromConfig(user.testDir ?? '.'),
    snapshotDir: fromConfig(user.snapshotDir),
    snapshotPathTemplate: user.snapshotPathTemplate?.replaceAll('{configDir}', configDir),
    globalSetup: scripts(user.globalSetup, configDir),
    globalTeardown: scripts(user.globalTeardown, configDir),
    tsconfig: fromConfig(user.tsconfig),
    outputDir,
    preserveOutput: 'always',
    // a snapshot written by the first try would make the second one pass
    updateSnapshots: 'none',
    workers: 1,
    fullyParallel: false,
    shard: undefined,
    reporter: [
      [reporter.file, reporter.options],
      ['list', { printSteps: false }],
      ['json', { outputFile: report }],
    ],
  };
}

/** One of the user's projects, by the same rules. */
export function wrappedProject(project, configDir) {
  const fromConfig = resolver(configDir);
  return {
    ...project,
    testDir: fromConfig(project.testDir),
    snapshotDir: fromConfig(project.snapshotDir),
    outputDir: undefined,
    workers: undefined,
  };
}

/** Playwright refuses `undefined` in some places where it accepts an absent property. */
export function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => value !== undefined || key === 'channel'));
}
