import { existsSync, globSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { exitCodes } from './exit-codes.ts';
import { UserError } from './user-error.ts';

/** The folder a submission's tests are in. */
export interface Project {
  folder: string;
  /** Its Playwright or AppWright configuration; null where there is none, so that this is no test project. */
  config: string | null;
}

const configNames = ['appwright', 'playwright'].flatMap((runner) =>
  ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map((ending) => `${runner}.config.${ending}`),
);
const specs = '**/*.{spec,test}.{ts,js,mts,mjs,cts,cjs,tsx,jsx}';

/** Looks for a test project in `folder`. @throws UserError when there is no such folder. */
export function findProject(folder: string): Project {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`There is no folder ${folder}.`, exitCodes.usage, [
      '--project-dir, in a workflow the input working-directory, names the test project.',
    ]);
  }
  return { folder, config: configNames.find((name) => existsSync(join(folder, name))) ?? null };
}

/**
 * The spec files that paths, folders and globs stand for: relative to the project, with forward slashes, each once, in order.
 * Outside a test project they are taken as they are, for the agent's own workspace to have.
 * @throws UserError with exit code 3 for one that matches nothing.
 */
export function expandTests(project: Project, patterns: readonly string[]): string[] {
  if (project.config === null) return [...new Set(patterns)];
  return [...new Set(patterns.flatMap((pattern) => matches(project.folder, pattern)))];
}

function matches(folder: string, pattern: string): string[] {
  const path = resolve(folder, pattern);
  const inside = relative(folder, path);
  if (inside === '..' || inside.startsWith(`..${sep}`)) {
    throw new UserError(`'${pattern}' lies outside the project ${folder}.`, exitCodes.usage, [
      'Test paths are relative to the project; --project-dir, in a workflow working-directory, names another one.',
    ]);
  }
  const found = statSync(path, { throwIfNoEntry: false });
  // a name that exists is meant, even where it could be read as a glob: pages/[id].spec.ts
  if (found?.isFile()) return [slashes(inside)];
  const files = glob(folder, found?.isDirectory() ? join(inside, specs) : slashes(inside));
  if (files.length > 0) return files;
  throw new UserError(`No test matches '${pattern}'.`, exitCodes.noTests, [
    `Paths and globs are relative to ${folder}: --project-dir, in a workflow working-directory, names another one. Quote a glob for a shell.`,
  ]);
}

function glob(folder: string, pattern: string): string[] {
  return globSync(pattern, { cwd: folder, exclude: (name) => name === 'node_modules' || name === '.git' })
    .filter((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.isFile())
    .map(slashes)
    .sort();
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
