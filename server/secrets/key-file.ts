import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyBytes } from './sealed-text.ts';

/** The key file is not one, or not private; the message says what to do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/**
 * The key in a file, of 64 hexadecimal digits; made, with mode 0600, when there is none. It is on disk before it is used: what
 * is sealed with a key that a power cut takes is lost.
 * @throws KeyFileError
 */
export async function readOrMakeKey(path: string): Promise<Uint8Array> {
  return (await readKey(path)) ?? (await makeKey(path));
}

/** Null when there is no file. @throws KeyFileError */
export async function readKey(path: string): Promise<Uint8Array | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new KeyFileError(`The key file ${path} cannot be read: ${error.code}.`);
  });
  if (file === null) return null;
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new KeyFileError(`The key file ${path} can be read by others: chmod 600 it.`);
    const text = (await file.readFile('utf8')).trim();
    if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
    throw new KeyFileError(`The key file ${path} does not hold 64 hexadecimal digits: restore it from a backup.`);
  } finally {
    await file.close();
  }
}

async function makeKey(path: string): Promise<Uint8Array> {
  const part = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(part, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // unlike a rename, a link never takes the place of a key that another made meanwhile
    await link(part, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(part, { force: true });
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  const key = await readKey(path);
  if (key === null) throw new KeyFileError(`The key file ${path} has gone while it was made.`);
  return key;
}
