import { rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which sessions are open, on disk: those an agent left that was killed are ended by the one that comes after it. */
export interface SessionFiles {
  opened(id: string): Promise<void>;
  ended(id: string): void;
  left(): Promise<string[]>;
}

/** One empty file per open session in `folder`, which is made when missing. Ids are plain words: the hub takes no other. */
export function createSessionFiles(folder: string): SessionFiles {
  return {
    async opened(id) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, id), '');
    },
    // at once, so that who hears of the end finds it gone; a file that stays costs the next agent one call
    ended: (id) => rmSync(join(folder, id), { force: true }),
    left: () => readdir(folder).catch(() => []),
  };
}
