import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import { PreparationError } from '../preparation-error.ts';

/** What an archive may unpack to. */
const maxBytes = 4 * 1024 ** 3;
const maxEntries = 200_000;

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
    // refuses what is no file, folder or link, and every path or link that leads out of the folder
    strict: true,
    preserveOwner: false,
    filter(_, entry) {
      if (!('type' in entry)) return true;
      bytes += entry.size;
      if (bytes > limitBytes) return refuse(`unpacks to more than ${limitBytes} bytes`);
      if (++entries > maxEntries) return refuse(`has more than ${maxEntries} entries`);
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
    throw new PreparationError('config_error', `${what} is no sound .tar.gz archive: ${message}`, error);
  }
  refused.signal.throwIfAborted();
}
