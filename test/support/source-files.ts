import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  text: string;
  lines: number;
  /** What it imports at run time: paths in the repository, or package names. */
  imports: string[];
  /** What it imports as types only. */
  typeImports: string[];
}

const root = new URL('../../', import.meta.url).pathname;

/** The TypeScript files below `folders`, tracked or new, as they are in the working tree. */
export function readSourceFiles(...folders: string[]): SourceFile[] {
  const flags = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders];
  return execFileSync('git', flags, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path.endsWith('.ts') && existsSync(join(root, path)))
    .map(readSourceFile);
}

function readSourceFile(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const imports: string[] = [];
  const typeImports: string[] = [];
  for (const [, isType, names = '', from = ''] of text.matchAll(
    /^(?:import|export)(\s+type)?\s+([^;'"=]*?)\s*from\s+['"]([^'"]+)['"]/gm,
  )) {
    (isType !== undefined || allTypes(names) ? typeImports : imports).push(resolve(path, from));
  }
  for (const [, from = ''] of text.matchAll(/^import\s+['"]([^'"]+)['"]/gm)) imports.push(resolve(path, from));
  for (const [, from = ''] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) imports.push(resolve(path, from));
  return { path, text, lines: text.split('\n').length - 1, imports, typeImports };
}

/** `{ type A, type B }` brings nothing at run time. */
function allTypes(names: string): boolean {
  const inner = /^\{([^}]*)\}/.exec(names.trim())?.[1];
  return inner?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
}

function resolve(path: string, from: string): string {
  return from.startsWith('.') ? normalize(join(dirname(path), from)) : from;
}
