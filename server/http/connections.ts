import type { IncomingMessage, Server } from 'node:http';

/** How long a client may dawdle. */
export interface ConnectionLimits {
  checkEveryMs: number;
  /** A body that comes more slowly than this, over this long, is a stalled client or an attack. */
  minBytesPerSecond: number;
  slowAfterMs: number;
  /** A connection on which nothing has moved for this long, either way, has nobody at its end; longer than any long poll. */
  silentMs: number;
  /** The head of a request must be here after this long. */
  headersMs: number;
}

export const defaultLimits: ConnectionLimits = {
  checkEveryMs: 2_000,
  minBytesPerSecond: 1024,
  slowAfterMs: 20_000,
  silentMs: 90_000,
  headersMs: 10_000,
};

/** What is in flight on a server. */
export interface Connections {
  /** Resolves when every request has been answered, or after `ms`. */
  untilIdle(ms: number): Promise<void>;
  stop(): void;
}

interface InFlight {
  incoming: IncomingMessage;
  startedAt: number;
  bytesReadBefore: number;
}

/**
 * Knows every request in flight, and ends those whose body hardly comes. By the rate rather than by a time limit, as a
 * large upload may take an hour; by one timer rather than one for each request.
 */
export function watchConnections(server: Server, limits: ConnectionLimits): Connections {
  const inFlight = new Set<InFlight>();
  let onIdle = () => {};

  server.on('request', (incoming, outgoing) => {
    const entry = { incoming, startedAt: performance.now(), bytesReadBefore: incoming.socket.bytesRead };
    inFlight.add(entry);
    outgoing.once('close', () => {
      inFlight.delete(entry);
      if (inFlight.size === 0) onIdle();
    });
  });

  const timer = setInterval(() => {
    const now = performance.now();
    for (const entry of inFlight) if (isStalled(entry, now, limits)) entry.incoming.socket.destroy();
  }, limits.checkEveryMs);

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

function isStalled({ incoming, startedAt, bytesReadBefore }: InFlight, now: number, limits: ConnectionLimits): boolean {
  const ageMs = now - startedAt;
  if (incoming.complete || ageMs <= limits.slowAfterMs) return false;
  const bytesPerSecond = ((incoming.socket.bytesRead - bytesReadBefore) * 1000) / ageMs;
  return bytesPerSecond < limits.minBytesPerSecond;
}
