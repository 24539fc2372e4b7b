import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Client, ProblemError } from '../contract/client.ts';
import { exitCodes } from './exit-codes.ts';
import { UserError } from './user-error.ts';

/** Bytes on disk and their name in the store. */
export interface LocalBlob {
  path: string;
  sha256: string;
  bytes: number;
}

/** Hashes a file without loading it. @throws UserError when it cannot be read or is no file. */
export async function hashFile(path: string): Promise<LocalBlob> {
  try {
    const { size } = await stat(path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return { path, sha256: hash.digest('hex'), bytes: size };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read' }[code ?? ''];
    throw new UserError(`${path} ${why ?? `cannot be read (${code})`}.`, exitCodes.usage, [
      'Give a file: .apk, .aab, .ipa, .app.zip, .tgz.',
    ]);
  }
}

/** How far an upload has got; called often. */
type OnProgress = (sentBytes: number, totalBytes: number) => void;

export interface UploadDeps {
  /** Makes a client that sends through the given fetch. */
  connect(fetching: typeof fetch): Client;
  onProgress: OnProgress;
  signal?: AbortSignal;
}

/**
 * Brings bytes to the server, unless it has them. They are read from disk as they are sent, and anew for each further try.
 * Resolves with whether they had to be sent.
 */
export async function uploadBlob(deps: UploadDeps, orgId: string, blob: LocalBlob): Promise<boolean> {
  const where = { params: { sha256: blob.sha256 }, query: { org_id: orgId } };
  const call = deps.signal ? { signal: deps.signal } : {};
  const client = deps.connect(sendingWithProgress(deps.onProgress));
  const known = await client.headBlob(where, call).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ProblemError && error.code === 'not_found') return false;
      throw error;
    },
  );
  if (known) return false;
  const body = await openAsBlob(blob.path);
  // the time a large upload takes is the network's business; a silent server still ends the connection
  await client.putBlob({ ...where, body }, { ...call, timeoutMs: null });
  return true;
}

/** A fetch that tells how much of a Blob it has sent. Each try reads the file anew. */
function sendingWithProgress(onProgress: OnProgress): typeof fetch {
  return (url, init) => {
    const body = init?.body;
    if (!(body instanceof Blob)) return fetch(url, init);
    const headers = new Headers(init?.headers);
    // a stream has no length of its own
    headers.set('content-length', String(body.size));
    headers.set('content-type', 'application/octet-stream');
    return fetch(url, { ...init, headers, body: counted(body, onProgress) });
  };
}

function counted(blob: Blob, onProgress: OnProgress): ReadableStream<Uint8Array> {
  let sent = 0;
  return blob.stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sent += chunk.byteLength;
        onProgress(sent, blob.size);
        controller.enqueue(chunk);
      },
    }),
  );
}
