import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ByteStream, NonJson } from '../../contract/route.ts';

/** On every answer. One object, never built anew: setting them one by one costs a third of the throughput. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const contentTypes: Record<Exclude<NonJson, 'empty'>, string> = {
  text: 'text/plain; charset=utf-8',
  html: 'text/html; charset=utf-8',
  bytes: 'application/octet-stream',
  events: 'text/event-stream',
};

/** An answer with nothing left to decide but how to send it. */
export interface Outgoing {
  status: number;
  headers: Record<string, string>;
  body: string | ByteStream | null;
}

/** The headers of an answer of this kind: JSON unless told. */
export function headersFor(
  kind: NonJson | 'json' | 'problem',
  requestId: string,
  more: Record<string, string> = {},
): Record<string, string> {
  if (kind === 'empty') return { ...securityHeaders, 'x-request-id': requestId, ...more };
  const type =
    kind === 'json' ? 'application/json' : kind === 'problem' ? 'application/problem+json' : contentTypes[kind];
  return { ...securityHeaders, 'x-request-id': requestId, 'content-type': type, ...more };
}

/**
 * The same stream with its first piece read already, so that what fails at once (a lost file, a sick disk) is still answered
 * as a failure and not with a connection that breaks.
 */
export async function primed(body: ByteStream): Promise<ByteStream> {
  const pieces = body[Symbol.asyncIterator]();
  const first = await pieces.next();
  return (async function* () {
    try {
      for (let piece = first; !piece.done; piece = await pieces.next()) yield piece.value;
    } finally {
      await pieces.return?.();
    }
  })();
}

/** Sends an answer; to HEAD without its body. Resolves when a stream has ended. */
export function send(
  { status, headers, body }: Outgoing,
  method: string,
  outgoing: ServerResponse,
  onStreamError: (error: unknown) => void,
): Response | Promise<Response> {
  if (typeof body === 'string') {
    if (method !== 'HEAD') return new Response(body, { status, headers });
    return new Response(null, { status, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } });
  }
  // a stream that is never asked for its first byte has nothing open
  if (body === null || method === 'HEAD') return new Response(null, { status, headers });
  return stream({ status, headers, body }, outgoing, onStreamError);
}

/**
 * Writes at the reader's pace: the next piece is asked for when the last has left this process. Straight to Node's response,
 * as a web stream in between doubles the memory of each waiting client.
 */
async function stream(
  { status, headers, body }: Outgoing & { body: ByteStream },
  outgoing: ServerResponse,
  onStreamError: (error: unknown) => void,
): Promise<Response> {
  outgoing.writeHead(status, headers);
  outgoing.flushHeaders();
  try {
    for await (const piece of body) {
      if (outgoing.destroyed) break;
      if (!outgoing.write(piece)) await drained(outgoing);
    }
    outgoing.end();
  } catch (error) {
    // the status is sent: all that is left is to break off, so that nobody takes a part for the whole
    if (!outgoing.destroyed) onStreamError(error);
    outgoing.destroy();
  }
  return RESPONSE_ALREADY_SENT;
}

/** Resolves when the response takes more, or is closed. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
    if (outgoing.destroyed) done();
  });
}
