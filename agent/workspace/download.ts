import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { type Client, ProblemError } from '../../contract/client.ts';
import { backoffMs, pause } from '../pause.ts';
import { PreparationError } from '../preparation-error.ts';

const tries = 5;

export interface BlobName {
  sha256: string;
  org_id: string;
}

/**
 * Downloads a blob to `file`, going on where a connection broke, and verifies it: a file that is there afterwards has that
 * SHA-256. @throws PreparationError, or the signal's reason
 */
export async function downloadBlob(client: Client, blob: BlobName, file: string, signal: AbortSignal): Promise<void> {
  let failure: unknown;
  for (let attempt = 1; attempt <= tries; attempt++) {
    try {
      await receive(client, blob, file, signal);
      if ((await sha256Of(file)) === blob.sha256) return;
      failure = new Error('the bytes have another hash');
      await rm(file, { force: true });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ProblemError && error.status === 404)
        throw new PreparationError('config_error', `The server has no bytes ${blob.sha256}: upload them again.`, error);
      failure = error;
    }
    await pause(backoffMs(attempt), signal);
    signal.throwIfAborted();
  }
  const why = failure instanceof Error ? failure.message : String(failure);
  throw new PreparationError('infra_error', `The bytes ${blob.sha256} could not be downloaded: ${why}`, failure);
}

async function receive(client: Client, blob: BlobName, file: string, signal: AbortSignal): Promise<void> {
  const handle = await open(file, 'a');
  try {
    const { size } = await handle.stat();
    const { status, body } = await client.getBlob(
      {
        params: { sha256: blob.sha256 },
        query: { org_id: blob.org_id },
        headers: size > 0 ? { range: `bytes=${size}-` } : {},
      },
      { signal, timeoutMs: null },
    );
    if (size > 0 && status !== 206) await handle.truncate(0);
    for await (const chunk of body.body ?? []) await handle.write(chunk);
  } catch (error) {
    // the file was complete already: what is left is to verify it
    if (!(error instanceof ProblemError && error.code === 'range_not_satisfiable')) throw error;
  } finally {
    await handle.close();
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
