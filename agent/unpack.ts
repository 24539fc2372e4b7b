import { createReadStream } from 'node:fs';
import { isAbsolute, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import { PreparationError } from './preparation-error.ts';

/** What an archive may unpack to. */
const maxBytes = 4 * 1024 ** 3;
const maxEntries = 200_000;

const allowedTypes = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'SymbolicLink', 'Link']);

/**
 * Unpacks a .tar.gz from a stranger into the empty folder `dir`. Nothing is written outside it and no link points out of it.
 * @param what what the archive is, for the error's text
 * @throws PreparationError with `config_error` for an archive that is none, is too large, or tries to get out
 */
export async function unpackArchive(file: string, dir: string, what: string, limitBytes = maxBytes): Promise<void> {
  const refused = new AbortController();
  let bytes = 0;
  let entries = 0;
  const refuse = (why: string) => {
    if (!refused.signal.aborted) refused.abort(new PreparationError('config_error', `${what} ${why}.`));
    return false;
  };
  const target = tar.x({
    cwd: dir,
    strict: true,
    preserveOwner: false,
    filter(path, entry) {
      if (!('type' in entry)) return true;
      bytes += entry.size;
      if (bytes > limitBytes) return refuse(`unpacks to more than ${limitBytes} bytes`);
      if (++entries > maxEntries) return refuse(`has more than ${maxEntries} entries`);
      if (!allowedTypes.has(entry.type)) return refuse(`has an entry that is no file, folder or link: ${path}`);
      if (leavesFolder(path)) return refuse(`has an entry outside its folder: ${path}`);
      // a symbolic link is read from where it lies, a hard link from the archive's top
      const link =
        entry.type === 'SymbolicLink' ? posix.join(posix.dirname(path), entry.linkpath ?? '') : entry.linkpath;
      if (entry.linkpath && (isAbsolute(entry.linkpath) || leavesFolder(link ?? '')))
        return refuse(`has a link out of its folder: ${path}`);
      return true;
    },
  });
  try {
    await pipeline(createReadStream(file), target, { signal: refused.signal });
  } catch (error) {
    refused.signal.throwIfAborted();
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE'].includes(code))
      throw new PreparationError('infra_error', `${what} could not be unpacked: ${message}`, error);
    throw new PreparationError('config_error', `${what} is no archive in .tar.gz format: ${message}`, error);
  }
  refused.signal.throwIfAborted();
}

function leavesFolder(path: string): boolean {
  const normal = posix.normalize(path);
  return isAbsolute(path) || normal === '..' || normal.startsWith('../');
}
