import type { IncomingMessage } from 'node:http';
import type { ByteStream } from '../../contract/route.ts';
import { DomainError } from '../domain/errors.ts';

const defaultMaxJsonBytes = 1024 ** 2;
/** GitHub sends no larger ones. */
export const maxWebhookBytes = 25 * 1024 ** 2;
/** Deeper JSON than any schema here allows can only be meant to exhaust a stack. */
const maxDepth = 32;

/**
 * The parsed JSON body; an empty one reads as `{}`. Its size is checked by Content-Length before a byte is read: Node's parser
 * holds the body to it. (Hono's bodyLimit would make a web stream of every request: a fifth of the throughput.)
 * @param readText gives the whole body as text
 * @throws DomainError `unsupported_media_type`, `length_required`, `payload_too_large`, `malformed_json`
 */
export async function readJson(
  { headers }: IncomingMessage,
  readText: () => Promise<string>,
  maxBytes = defaultMaxJsonBytes,
): Promise<unknown> {
  if (headers['transfer-encoding'] !== undefined) {
    throw new DomainError('length_required', 'Send a JSON body with its Content-Length, not in chunks.');
  }
  const length = Number(headers['content-length'] ?? 0);
  mustFit(length, maxBytes);
  if (length === 0) return {};
  mustBeJson(headers['content-type'], headers['content-encoding']);
  const text = await readText();
  const value = parse(text);
  if (isDeeper(value, maxDepth)) {
    throw new DomainError('malformed_json', `The JSON is nested more than ${maxDepth} levels deep.`);
  }
  return value;
}

/** A streamed body. Its bytes are not counted here, a declared length is. */
export function streamBody(incoming: IncomingMessage, maxBytes = defaultMaxJsonBytes): ByteStream {
  mustFit(Number(incoming.headers['content-length'] ?? 0), maxBytes);
  return incoming;
}

/**
 * A whole streamed body in memory.
 * @throws DomainError `payload_too_large` when it has more than `maxBytes`
 */
export async function collect(source: ByteStream, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of source) {
    received += chunk.length;
    mustFit(received, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function mustFit(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new DomainError('payload_too_large', `The body is larger than the ${maxBytes} bytes this route takes.`);
}

function mustBeJson(contentType = '', contentEncoding = 'identity'): void {
  if (contentEncoding !== 'identity') {
    throw new DomainError('unsupported_media_type', 'Send the body without Content-Encoding.');
  }
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  throw new DomainError('unsupported_media_type', 'Send JSON with Content-Type: application/json.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DomainError('malformed_json', `The body is not JSON: ${why}`);
  }
}

/** Recursion ends at `levels`, however deep the value is. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeper(item, levels - 1));
  for (const key in value) if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}
