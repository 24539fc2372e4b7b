import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const checkEveryMs = 5_000;
/** A body that comes more slowly than this, over this long, is a stalled client or an attack. */
const minBytesPerSecond = 1024;
const slowAfterMs = 20_000;
/** An answer of which nothing has been taken for this long has no reader. */
const unreadAfterMs = 60_000;

/** What is in flight on a server. */
export interface Connections {
  /** Resolves when every request has been answered, or after `ms`. */
  untilIdle(ms: number): Promise<void>;
  stop(): void;
}

interface InFlight {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  startedAt: number;
  bytesReadBefore: number;
  bytesWritten: number;
  writtenAt: number;
}

/**
 * Knows every request in flight, and ends those whose client neither sends nor reads. By the rate rather than by a time
 * limit, as a large upload may take an hour; by one timer rather than one for each request.
 */
export function watchConnections(server: Server): Connections {
  const inFlight = new Set<InFlight>();
  let onIdle = () => {};

  server.on('request', (incoming, outgoing) => {
    const now = performance.now();
    const { bytesRead, bytesWritten } = incoming.socket;
    const entry = { incoming, outgoing, startedAt: now, bytesReadBefore: bytesRead, bytesWritten, writtenAt: now };
    inFlight.add(entry);
    outgoing.once('close', () => {
      inFlight.delete(entry);
      if (inFlight.size === 0) onIdle();
    });
  });

  const timer = setInterval(() => {
    const now = performance.now();
    for (const entry of inFlight) if (isStalled(entry, now)) entry.incoming.socket.destroy();
  }, checkEveryMs);

  return {
    untilIdle(ms) {
      if (inFlight.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const limit = setTimeout(resolve, ms);
        onIdle = () => {
          clearTimeout(limit);
          resolve();
        };
      });
    },
    stop: () => clearInterval(timer),
  };
}

function isStalled(entry: InFlight, now: number): boolean {
  const { incoming, outgoing, startedAt, bytesReadBefore } = entry;
  const ageMs = now - startedAt;
  if (!incoming.complete && ageMs > slowAfterMs) {
    const bytesPerSecond = ((incoming.socket.bytesRead - bytesReadBefore) * 1000) / ageMs;
    if (bytesPerSecond < minBytesPerSecond) return true;
  }
  const { bytesWritten } = incoming.socket;
  if (!outgoing.writableNeedDrain || bytesWritten !== entry.bytesWritten) {
    entry.bytesWritten = bytesWritten;
    entry.writtenAt = now;
  }
  return now - entry.writtenAt > unreadAfterMs;
}
