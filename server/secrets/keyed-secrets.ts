import { DomainError } from '../domain/errors.ts';
import { KeyFileError, readKey, readOrMakeKey } from './key-file.ts';
import { seal, unseal } from './sealed-text.ts';
import { type Secrets, Unreadable } from './secrets.ts';

/**
 * Secrets under the key given, else under the key in a file that is made when something is first sealed.
 * @param keyFile null where several servers may share one database: each would make a key of its own
 */
export function createSecrets({ key, keyFile }: { key: Uint8Array | null; keyFile: string | null }): Secrets {
  return {
    async seal(text, context) {
      const own = key ?? (keyFile === null ? null : await readOrMakeKey(keyFile).catch(notAvailable));
      if (own === null) {
        throw new DomainError(
          'not_available',
          'Set QGJOB_SECRET_KEY first, the same on every server of this database (openssl rand -hex 32): without it the private key of the App cannot be kept safe.',
        );
      }
      return seal(own, text, context);
    },
    async open(sealed, context) {
      const own = key ?? (keyFile === null ? null : await readKey(keyFile).catch(unreadable));
      if (own !== null) return unseal(own, sealed, context);
      throw new Unreadable(
        'The key it was sealed with is missing: set QGJOB_SECRET_KEY as on the server that sealed it, or restore the key file.',
      );
    },
  };
}

function notAvailable(error: unknown): never {
  throw error instanceof KeyFileError ? new DomainError('not_available', error.message) : error;
}

function unreadable(error: unknown): never {
  throw error instanceof KeyFileError ? new Unreadable(error.message) : error;
}
