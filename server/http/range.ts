import type { ByteStream } from '../../contract/route.ts';
import { HttpError } from './problems.ts';

type Range = { first: number; last: number };

interface Content {
  size: number;
  read: (range?: Range) => ByteStream;
  headers?: Record<string, string>;
}

interface ContentAnswer {
  status: 200 | 206;
  body: ByteStream;
  headers: Record<string, string>;
}

/**
 * The answer that gives content, or the one part of it that a Range header asks for. A header of another form is ignored, as
 * RFC 9110 has it.
 * @throws HttpError `range_not_satisfiable` with the size there is
 */
export function contentAnswer({ size, read, headers = {} }: Content, rangeHeader: string | undefined): ContentAnswer {
  const range = parseRange(rangeHeader, size);
  const always = { ...headers, 'accept-ranges': 'bytes' };
  if (range === null) {
    // cut at the size told: a log may grow while it is read
    const body = size === 0 ? nothing() : read({ first: 0, last: size - 1 });
    return { status: 200, body, headers: { ...always, 'content-length': String(size) } };
  }
  return {
    status: 206,
    body: read(range),
    headers: {
      ...always,
      'content-range': `bytes ${range.first}-${range.last}/${size}`,
      'content-length': String(range.last - range.first + 1),
    },
  };
}

function parseRange(header: string | undefined, size: number): Range | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  if (!match) return null;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return null;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first < size && first <= last) return { first, last };
  throw new HttpError('range_not_satisfiable', `There are ${size} bytes.`, { 'content-range': `bytes */${size}` });
}

async function* nothing(): ByteStream {}
