import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs, Logs } from './blobs.ts';
import { makeFolder } from './durable-file.ts';
import { createFolderBlobs } from './folder-blobs.ts';
import { createFolderLogs } from './folder-logs.ts';

/** An upload that has not moved for this long is dead: the server ends a stalled request much sooner. */
const staleAfterMs = 10 * 60_000;

/**
 * Blobs and logs in a folder of this machine, made if it is missing; what an upload left behind when the server was killed is
 * removed. Several servers may share one folder.
 * @throws Error when the folder cannot be made or written
 */
export async function openFolder(path: string): Promise<{ blobs: Blobs; logs: Logs }> {
  const uploads = join(path, 'uploads');
  for (const folder of [uploads, join(path, 'blobs'), join(path, 'logs')]) await makeFolder(folder);
  await removeStale(uploads, Date.now() - staleAfterMs);
  return {
    blobs: createFolderBlobs(join(path, 'blobs'), uploads),
    logs: createFolderLogs(join(path, 'logs')),
  };
}

async function removeStale(uploads: string, writtenBefore: number): Promise<void> {
  for (const name of await readdir(uploads)) {
    const path = join(uploads, name);
    // another server may have finished or removed it in between
    const found = await stat(path).catch(() => null);
    if (found && found.mtimeMs < writtenBefore) await rm(path, { force: true });
  }
}
