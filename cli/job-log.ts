import { setTimeout as sleep } from 'node:timers/promises';
import { plainText } from '../client/plain-text.ts';
import { type Client, ProblemError, UnreachableError } from '../contract/client.ts';
import type { Job } from '../contract/job.ts';

export interface LogOptions {
  /** Which attempt's log; undefined: the last one's. */
  attempt: number | undefined;
  print(text: string): void;
}

/** Prints the log as far as it goes. */
export async function readLog(client: Client, id: string, { attempt, print }: LogOptions): Promise<void> {
  const out = createLinePrinter(print);
  await readFrom(client, id, attempt, 0, out.take);
  out.end();
}

/** Prints the log as it grows until the job has completed, attempt after attempt unless one was chosen. */
export async function followLog(
  client: Client,
  id: string,
  options: LogOptions & { onAttempt(job: Job, number: number): void },
): Promise<void> {
  let out = createLinePrinter(options.print);
  let reading: number | undefined;
  let offset = 0;
  for (;;) {
    // the state first, so that what was logged before the end is read after it was seen
    const job = await patiently(() => client.getJob({ params: { id } }));
    const last = job.body.attempts.at(-1)?.number ?? 1;
    const number = options.attempt ?? last;
    if (reading !== undefined && number !== reading) {
      offset = 0;
      out.end();
      out = createLinePrinter(options.print);
    }
    if (number !== reading && number > 1) options.onAttempt(job.body, number);
    reading = number;
    offset += await patiently(() => readFrom(client, id, number, offset, out.take));
    if (job.body.status === 'completed' || number < last) return out.end();
    await sleep(followEveryMs);
  }
}

const followEveryMs = 500;

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnreachableError) || tries >= 20) throw error;
      await sleep(1000);
    }
  }
}

/** Reads the log from an offset on; resolves with how many bytes came. A log that has not begun is an empty one. */
async function readFrom(
  client: Client,
  id: string,
  attempt: number | undefined,
  offset: number,
  take: (bytes: Uint8Array) => void,
): Promise<number> {
  let taken = 0;
  try {
    const headers = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const { body } = await client.jobLog({ params: { id }, query: { attempt }, headers });
    for await (const bytes of body.body ?? []) {
      taken += bytes.byteLength;
      take(bytes);
    }
    return taken;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'range_not_satisfiable') return taken;
    throw error;
  }
}

const mostBuffered = 64 * 1024;

/** Prints whole lines, so that an escape sequence cut in two by the network is removed as one. */
function createLinePrinter(print: (text: string) => void) {
  const decoder = new TextDecoder();
  let rest = '';
  const flush = (upTo: number) => {
    const text = plainText(rest.slice(0, upTo));
    rest = rest.slice(upTo);
    if (text !== '') print(text);
  };
  return {
    take(bytes: Uint8Array) {
      rest += decoder.decode(bytes, { stream: true });
      flush(rest.length > mostBuffered ? rest.length : rest.lastIndexOf('\n') + 1);
    },
    end() {
      rest += decoder.decode();
      const cut = rest !== '' && !rest.endsWith('\n');
      flush(rest.length);
      if (cut) print('\n');
    },
  };
}
