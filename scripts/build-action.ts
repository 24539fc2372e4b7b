/**
 * Makes `dist/`, which is what a workflow runs: the Action and all it imports, from the compiled code in `build/`.
 * `dist/` is committed, since GitHub runs an action as it lies in the repository; test/action/dist.test.ts compares the two.
 *
 *     npm run build:action [-- --out FOLDER] [--modules FILE]
 *
 * FOLDER is emptied first. FILE gets the paths of all modules in the bundle, as JSON.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { minifySync } from 'vite';
import { licensesOf } from './licenses.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' }, modules: { type: 'string' } } });

// ncc names modules by their paths from here, so every build starts from the same folder and the same entry
process.chdir(join(import.meta.dirname, '..'));
const scratch = mkdtempSync(join(tmpdir(), 'qgjob-build-'));
try {
  run('tsc', '-p', 'tsconfig.action.json');
  rmSync(values.out, { recursive: true, force: true });
  const stats = join(scratch, 'stats.json');
  // ncc's own TypeScript loader needs an API that TypeScript 7 has not, hence the compiled entry
  const entry = 'build/action/index.js';
  run('ncc', 'build', entry, '--minify', '--out', values.out, '--stats-out', stats);
  minifyChunks(values.out);
  const modules = modulePaths(stats);
  // not ncc's own --license: of a bundle in several files it keeps the licences of the last one
  writeFileSync(join(values.out, 'licenses.txt'), licensesOf(modules));
  if (values.modules) writeFileSync(values.modules, JSON.stringify(modules, null, 1));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function run(command: string, ...args: string[]): void {
  execFileSync(join('node_modules/.bin', command), args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** ncc minifies the entry alone, and leaves what is imported later as it is. */
function minifyChunks(folder: string): void {
  for (const name of readdirSync(folder).filter((file) => /^\d+\.index\.js$/.test(file))) {
    const path = join(folder, name);
    const { code, errors } = minifySync(name, readFileSync(path, 'utf8'), { module: true });
    if (errors.length > 0) throw new Error(`${name} cannot be minified: ${errors[0]?.message}`);
    writeFileSync(path, code);
  }
}

interface StatsModule {
  nameForCondition?: string | null;
  modules?: StatsModule[];
}

/** Every file that webpack put into the bundle, relative to this repository, those it joined with others included. */
function modulePaths(statsFile: string): string[] {
  // safe because ncc writes webpack's statistics there
  const stats = JSON.parse(readFileSync(statsFile, 'utf8')) as StatsModule;
  const paths = new Set<string>();
  const collect = ({ nameForCondition, modules = [] }: StatsModule) => {
    if (nameForCondition) paths.add(nameForCondition.replace(`${process.cwd()}/`, ''));
    modules.forEach(collect);
  };
  collect(stats);
  return [...paths].sort();
}
