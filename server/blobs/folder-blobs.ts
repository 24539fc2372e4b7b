import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import type { Blobs } from './blobs.ts';
import { codeOf, makeFolder, syncFolder, writeAll, writeFailure } from './durable-file.ts';

/** Blobs as files named by their SHA-256, in a folder for each first two digits. */
export function createFolderBlobs(root: string, uploads: string): Blobs {
  const pathOf = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('not a SHA-256');
    return join(root, sha256.slice(0, 2), sha256);
  };

  async function size(sha256: string): Promise<number | null> {
    try {
      return (await stat(pathOf(sha256))).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  return {
    size,
    async put(sha256, source, maxBytes) {
      const path = pathOf(sha256);
      if ((await size(sha256)) !== null) return receive(sha256, source, maxBytes, null);
      const upload = join(uploads, randomBytes(16).toString('hex'));
      try {
        const sizeBytes = await writeUpload(upload, sha256, source, maxBytes);
        await makeFolder(dirname(path));
        // safe when another upload of the same bytes was first: the rename replaces equal bytes in one step
        await rename(upload, path);
        await syncFolder(dirname(path));
        return sizeBytes;
      } catch (error) {
        await rm(upload, { force: true });
        throw writeFailure(error);
      }
    },
    // opened with the first byte asked for, so that a reader who never asks leaves no file open
    async *read(sha256, range) {
      yield* createReadStream(pathOf(sha256), range ? { start: range.first, end: range.last } : {});
    },
  };
}

async function writeUpload(
  path: string,
  sha256: string,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<number> {
  const file = await open(path, 'wx', 0o640);
  try {
    const sizeBytes = await receive(sha256, source, maxBytes, file);
    await file.sync();
    return sizeBytes;
  } finally {
    await file.close();
  }
}

/** Reads the source to its end and verifies it; writes it, where there is a file to write to. */
async function receive(
  sha256: string,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  file: FileHandle | null,
): Promise<number> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of source) {
    if (received + chunk.length > maxBytes) {
      throw new DomainError('payload_too_large', `At most ${maxBytes} bytes are taken here.`);
    }
    hash.update(chunk);
    if (file) await writeAll(file, chunk, received);
    received += chunk.length;
  }
  const actual = hash.digest('hex');
  if (actual !== sha256) {
    throw new DomainError(
      'blob_hash_mismatch',
      `The ${received} bytes received have the SHA-256 ${actual}. Were they cut short, or changed while they were sent?`,
    );
  }
  return received;
}
