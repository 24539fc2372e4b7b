import { open } from 'node:fs/promises';

const pollMs = 100;
const chunkBytes = 64 * 1024;

export interface FollowedLines {
  /** Reads what is left and stops. A last line without its newline is torn and left out. */
  finish(): Promise<void>;
}

/** Hands over each line that is appended to `file`, which may not exist yet. `onLine` must not throw. */
export function followLines(file: string, onLine: (line: string) => void): FollowedLines {
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  let reading: Promise<void> = Promise.resolve();

  async function readOn(): Promise<void> {
    const handle = await open(file, 'r').catch(() => null);
    if (!handle) return;
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, chunkBytes, offset);
        if (bytesRead === 0) return;
        offset += bytesRead;
        take(chunk.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }

  /** Splits at newline bytes, so that no character is ever cut. */
  function take(chunk: Buffer): void {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      onLine(rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
    }
  }

  const timer = setInterval(() => {
    reading = reading.then(readOn, readOn);
  }, pollMs);
  return {
    async finish() {
      clearInterval(timer);
      await reading.catch(() => undefined);
      await readOn();
    },
  };
}
