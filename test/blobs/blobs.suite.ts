import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Blobs, Logs } from '../../server/blobs/blobs.ts';

export interface OpenedBlobs {
  blobs: Blobs;
  logs: Logs;
}

const MiB = 1024 ** 2;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What every implementation of the ports in server/blobs/blobs promises. `open` gives an empty one per test. */
export function describeBlobs(name: string, open: () => Promise<OpenedBlobs>): void {
  describe(`blobs in ${name}`, () => {
    test('bytes come back as they were put, with their size', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(5000);
      expect(await blobs.put(sha256(bytes), pieces(bytes), MiB)).toBe(5000);
      expect(await blobs.size(sha256(bytes))).toBe(5000);
      expect(await collect(blobs.read(sha256(bytes)))).toEqual(bytes);
    });

    test('a range holds its first and its last byte', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(5000);
      await blobs.put(sha256(bytes), pieces(bytes), MiB);
      const part = await collect(blobs.read(sha256(bytes), { first: 10, last: 19 }));
      expect(part).toEqual(bytes.subarray(10, 20));
    });

    test('no bytes at all are a blob too', async () => {
      const { blobs } = await open();
      const none = new Uint8Array();
      expect(await blobs.put(sha256(none), pieces(none), MiB)).toBe(0);
      expect(await blobs.size(sha256(none))).toBe(0);
    });

    test('unknown bytes have no size', async () => {
      const { blobs } = await open();
      expect(await blobs.size('0'.repeat(64))).toBeNull();
    });

    test('bytes with another hash are refused and not kept', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(5000);
      const named = sha256(randomBytes(8));
      await expect(blobs.put(named, pieces(bytes), MiB)).rejects.toMatchObject({ code: 'blob_hash_mismatch' });
      expect(await blobs.size(named)).toBeNull();
      expect(await blobs.size(sha256(bytes))).toBeNull();
    });

    test('known bytes are verified all the same', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(5000);
      await blobs.put(sha256(bytes), pieces(bytes), MiB);
      expect(await blobs.put(sha256(bytes), pieces(bytes), MiB)).toBe(5000);
      const others = pieces(randomBytes(5000));
      await expect(blobs.put(sha256(bytes), others, MiB)).rejects.toMatchObject({ code: 'blob_hash_mismatch' });
      expect(await collect(blobs.read(sha256(bytes)))).toEqual(bytes);
    });

    test('one byte too many is refused before it is written', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(5000);
      await expect(blobs.put(sha256(bytes), pieces(bytes), 4999)).rejects.toMatchObject({ code: 'payload_too_large' });
      expect(await blobs.size(sha256(bytes))).toBeNull();
    });

    test('a source that breaks off leaves nothing behind', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(5000);
      async function* broken() {
        yield bytes.subarray(0, 1000);
        throw new Error('the connection broke');
      }
      await expect(blobs.put(sha256(bytes), broken(), MiB)).rejects.toThrow('the connection broke');
      expect(await blobs.size(sha256(bytes))).toBeNull();
    });

    test('the same bytes may be put by many at once', async () => {
      const { blobs } = await open();
      const bytes = randomBytes(200_000);
      const puts = Array.from({ length: 8 }, () => blobs.put(sha256(bytes), pieces(bytes), MiB));
      expect(await Promise.all(puts)).toEqual(Array(8).fill(200_000));
      expect(await collect(blobs.read(sha256(bytes)))).toEqual(bytes);
    });
  });

  describe(`logs in ${name}`, () => {
    const text = (s: string) => new TextEncoder().encode(s);
    const read = async (logs: Logs, jobId: string, attempt: number) =>
      (await collect(logs.read(jobId, attempt))).toString();

    test('a log that was never written is empty', async () => {
      const { logs } = await open();
      expect(await logs.size('job_a', 1)).toBe(0);
    });

    test('appends follow one another, each attempt in a log of its own', async () => {
      const { logs } = await open();
      expect(await logs.append('job_a', 1, 0, text('one '))).toBe(4);
      expect(await logs.append('job_a', 1, 4, text('two'))).toBe(7);
      expect(await logs.append('job_a', 2, 0, text('again'))).toBe(5);
      expect(await read(logs, 'job_a', 1)).toBe('one two');
      expect(await read(logs, 'job_a', 2)).toBe('again');
    });

    test('an append sent again changes nothing, and one that overlaps adds what is new', async () => {
      const { logs } = await open();
      await logs.append('job_a', 1, 0, text('one '));
      expect(await logs.append('job_a', 1, 0, text('one '))).toBe(4);
      expect(await logs.append('job_a', 1, 2, text('e two'))).toBe(7);
      expect(await logs.append('job_a', 1, 0, text('o'))).toBe(7);
      expect(await read(logs, 'job_a', 1)).toBe('one two');
    });

    test('a gap is refused with the size there is', async () => {
      const { logs } = await open();
      await logs.append('job_a', 1, 0, text('one'));
      const refused = { code: 'offset_mismatch', extras: { offset: 3 } };
      await expect(logs.append('job_a', 1, 4, text('x'))).rejects.toMatchObject(refused);
      await expect(logs.append('job_b', 1, 1, text('x'))).rejects.toMatchObject({ extras: { offset: 0 } });
      expect(await logs.size('job_a', 1)).toBe(3);
    });

    test('appends sent at once are done one at a time', async () => {
      const { logs } = await open();
      const all = Array.from({ length: 20 }, (_, i) => logs.append('job_a', 1, i * 3, text(`${i}`.padStart(3, '0'))));
      expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, (_, i) => i * 3 + 3));
      expect((await read(logs, 'job_a', 1)).length).toBe(60);
    });

    test('a refused append does not stop the next one', async () => {
      const { logs } = await open();
      const refused = logs.append('job_a', 1, 9, text('x'));
      const next = logs.append('job_a', 1, 0, text('one'));
      await expect(refused).rejects.toMatchObject({ code: 'offset_mismatch' });
      expect(await next).toBe(3);
    });

    test('a range of a log holds its first and its last byte', async () => {
      const { logs } = await open();
      await logs.append('job_a', 1, 0, text('0123456789'));
      expect((await collect(logs.read('job_a', 1, { first: 3, last: 5 }))).toString()).toBe('345');
    });
  });
}
