import { access, mkdir, mkdtemp, rename, rm, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The folder `path`, made by `make` if it is not there. `make` fills a temporary folder, which is renamed when it is done:
 * a folder under its final name is complete, even after a kill half-way, and the first of several makers wins. Using it
 * renews its date, by which old ones are pruned.
 */
export async function makeOnce(path: string, make: (dir: string) => Promise<void>): Promise<string> {
  if (await exists(path)) {
    const now = new Date();
    await utimes(path, now, now);
    return path;
  }
  await mkdir(dirname(path), { recursive: true });
  const temporary = await mkdtemp(join(dirname(path), `${temporaryPrefix}${basename(path).slice(0, 24)}-`));
  try {
    await make(temporary);
    await rename(temporary, path).catch(async (error) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return path;
}

/** How the names of unfinished folders begin. */
export const temporaryPrefix = '.making-';

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
