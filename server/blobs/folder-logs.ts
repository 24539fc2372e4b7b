import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import type { Logs } from './blobs.ts';
import { codeOf, makeFolder, syncFolder, writeAll, writeFailure } from './durable-file.ts';

/** Logs as files named by job and attempt, in a folder for each last two characters of the job's id. */
export function createFolderLogs(root: string): Logs {
  const pathOf = (jobId: string, attempt: number) => {
    if (!/^[A-Za-z0-9_]+$/.test(jobId) || !Number.isInteger(attempt)) throw new RangeError('not a job id');
    return join(root, jobId.slice(-2), `${jobId}.${attempt}.log`);
  };
  const oneAtATime = createQueues();

  return {
    size: (jobId, attempt) => sizeOf(pathOf(jobId, attempt)),
    append(jobId, attempt, offset, bytes) {
      const path = pathOf(jobId, attempt);
      return oneAtATime(path, () => append(path, offset, bytes));
    },
    // opened with the first byte asked for, so that a reader who never asks leaves no file open
    async *read(jobId, attempt, range) {
      yield* createReadStream(pathOf(jobId, attempt), range ? { start: range.first, end: range.last } : {});
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

async function append(path: string, offset: number, bytes: Uint8Array): Promise<number> {
  const size = await sizeOf(path);
  if (offset > size) {
    throw new DomainError('offset_mismatch', `The log has ${size} bytes: continue there.`, { offset: size });
  }
  const fresh = bytes.subarray(size - offset);
  if (fresh.length === 0) return size;
  if (size === 0) await makeFolder(dirname(path));
  const file = await open(path, size === 0 ? 'w' : 'r+', 0o640);
  try {
    await writeAll(file, fresh, size);
    await file.datasync();
  } catch (error) {
    // half an append is none: the offset answered next must be the one acknowledged last
    await file.truncate(size).catch(() => {});
    throw writeFailure(error);
  } finally {
    await file.close();
  }
  if (size === 0) await syncFolder(dirname(path));
  return size + fresh.length;
}

/** Runs pieces of work with the same key one after another, others side by side. */
function createQueues() {
  const tails = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}
