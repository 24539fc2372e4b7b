import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** The file that starts when `program` is spawned in `cwd` with this PATH; null where there is none. */
export function findProgram(program: string, cwd: string, path = ''): string | null {
  const folders = program.includes('/') ? [''] : path.split(delimiter);
  const files = folders.map((folder) => resolve(cwd, folder, program));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
