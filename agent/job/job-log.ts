import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ProblemError } from '../../contract/client.ts';
import { backoffMs, pause } from '../pause.ts';

const KiB = 1024;
const chunkBytes = 1024 * KiB;
const capBytes = 16 * 1024 * KiB;
/** How long bytes are gathered before they are sent. */
const gatherMs = 300;
/** How long the end of a log may keep its job from being reported. */
const finishMs = 30_000;

export interface JobLog {
  /** Takes bytes at once; sends them later, in order. Beyond 16 MiB they are counted, not kept. */
  write(bytes: Uint8Array | string): void;
  /** Sends what is left; resolves when the server has all, or cannot be given it. */
  finish(): Promise<void>;
  /** Sends no more, and lets go of the file. */
  close(): Promise<void>;
}

export interface JobLogDeps {
  /** Where the log is kept until it is sent, so that it can be sent again from any offset. */
  file: string;
  /** Sends `bytes` for `offset`. @throws ProblemError `offset_mismatch` with the offset to go on from */
  append: (offset: number, bytes: Uint8Array) => Promise<void>;
  /** Texts that must never be in a log. */
  secrets: readonly string[];
  signal: AbortSignal;
  maxBytes?: number;
}

/** A job's log on its way to the server: in order, complete, resumed where a connection was cut. */
export async function openJobLog(deps: JobLogDeps): Promise<JobLog> {
  const { maxBytes = capBytes } = deps;
  await mkdir(dirname(deps.file), { recursive: true });
  const spool = await open(deps.file, 'w+');
  const mask = masking(deps.secrets);
  let taken = 0;
  let dropped = 0;
  let spooled = 0;
  let spooling: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  const givenUp = new AbortController();

  function keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, Math.max(0, maxBytes - taken));
    taken += kept.length;
    dropped += bytes.length - kept.length;
    if (kept.length > 0) toSpool(kept);
  }

  function toSpool(bytes: Buffer): void {
    spooling = spooling.then(async () => {
      try {
        await spool.write(bytes, 0, bytes.length, spooled);
        spooled += bytes.length;
      } catch {
        dropped += bytes.length; // the disk is full: said at the end
      }
    });
  }

  const sending = send({
    append: deps.append,
    signal: AbortSignal.any([deps.signal, givenUp.signal]),
    closing: closing.signal,
    size: () => spooled,
    read: (offset) => readAt(spool, Math.min(chunkBytes, spooled - offset), offset),
  });
  return {
    write: (bytes) => keep(mask.take(Buffer.from(bytes))),
    async finish() {
      keep(mask.rest());
      await spooling;
      if (dropped > 0)
        toSpool(Buffer.from(`\n[qgjob: the log is cut off here, ${dropped} more bytes were left out]\n`));
      await spooling;
      closing.abort();
      await Promise.race([sending, pause(finishMs, givenUp.signal)]);
    },
    async close() {
      closing.abort();
      givenUp.abort();
      await Promise.all([sending, spooling]);
      await spool.close();
    },
  };
}

interface Sending extends Pick<JobLogDeps, 'append' | 'signal'> {
  closing: AbortSignal;
  /** Bytes that can be read. */
  size: () => number;
  read: (offset: number) => Promise<Uint8Array>;
}

/** Sends until all is sent and the log closes. Gives up when the lease does, or the server refuses the log for good. */
async function send({ append, signal, closing, size, read }: Sending): Promise<void> {
  let offset = 0;
  let failures = 0;
  while (!signal.aborted) {
    if (offset >= size()) {
      if (closing.aborted) return;
      await pause(gatherMs, AbortSignal.any([signal, closing]));
      continue;
    }
    try {
      const bytes = await read(offset);
      await append(offset, bytes);
      offset += bytes.length;
      failures = 0;
    } catch (error) {
      const at = error instanceof ProblemError ? error.problem.offset : undefined;
      if (at !== undefined && at <= size() && at !== offset) offset = at;
      else if (error instanceof ProblemError && error.status < 500 && error.status !== 429) return;
      failures++;
      if (failures > 1) await pause(backoffMs(failures, 5000), signal);
    }
  }
}

async function readAt(spool: FileHandle, length: number, offset: number): Promise<Uint8Array> {
  const chunk = Buffer.alloc(length);
  const { bytesRead } = await spool.read(chunk, 0, length, offset);
  return chunk.subarray(0, bytesRead);
}

/** Masks secrets line by line, so that one is found though it came in two pieces. */
function masking(secrets: readonly string[]): { take(bytes: Buffer): Buffer; rest(): Buffer } {
  let line: Buffer = Buffer.alloc(0);
  const mask = (bytes: Buffer) => {
    // latin1 keeps every byte as it is
    let text = bytes.toString('latin1');
    for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***');
    return Buffer.from(text, 'latin1');
  };
  return {
    take(bytes) {
      const all = Buffer.concat([line, bytes]);
      const end = all.length > 64 * KiB ? all.length : all.lastIndexOf(10) + 1;
      line = all.subarray(end);
      return mask(all.subarray(0, end));
    },
    rest() {
      const last = mask(line);
      line = Buffer.alloc(0);
      return last;
    },
  };
}
