import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { sha256 } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
  org = await server.org();
});
afterAll(() => server.stop());

const bytes = randomBytes(10_000);
const path = `/v1/blobs/${sha256(bytes)}`;
const put = (content: Uint8Array<ArrayBuffer>, name = sha256(content)) =>
  org.submit.putBlob({ params: { sha256: name }, body: content });
const get = (headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers: { authorization: `Bearer ${org.keys.read}`, ...headers } });

describe('blobs', () => {
  test('are made once, and known from then on', async () => {
    expect((await put(bytes)).status).toBe(201);
    expect((await put(bytes)).status).toBe(200);
    const head = await org.read.headBlob({ params: { sha256: sha256(bytes) } });
    expect(head.headers.get('content-length')).toBe('10000');
  });

  test('come back byte for byte, as a download that no browser runs', async () => {
    const response = await get();
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'content-length': '10000',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'accept-ranges': 'bytes',
    });
  });

  test.each([
    ['bytes=0-99', 0, 100],
    ['bytes=9900-', 9900, 10_000],
    ['bytes=-10', 9990, 10_000],
    ['bytes=9990-20000', 9990, 10_000],
    ['bytes=-20000', 0, 10_000],
  ])('give the part that Range %s asks for', async (range, from, to) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/10000`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes.subarray(from, to));
  });

  test.each(['bytes=10000-', 'bytes=20000-30000', 'bytes=-0'])(
    'have nothing at Range %s: 416 with the size',
    async (range) => {
      const response = await get({ range });
      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe('bytes */10000');
      expect(await response.json()).toMatchObject({ code: 'range_not_satisfiable' });
    },
  );

  test.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=5-2', 'bytes=-'])('are given whole for Range %s', async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(10_000);
  });

  test('with another hash are refused and not kept', async () => {
    const name = sha256('something else');
    await expect(put(bytes, name)).rejects.toMatchObject({ code: 'blob_hash_mismatch' });
    await expect(org.read.headBlob({ params: { sha256: name } })).rejects.toMatchObject({ status: 404 });
  });

  test('are not kept when the client leaves half-way', async () => {
    const name = sha256('never complete');
    const gone = new AbortController();
    async function* half() {
      yield new Uint8Array(1000);
      gone.abort();
      yield new Uint8Array(1000);
    }
    const upload = fetch(`${server.url}/v1/blobs/${name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${org.keys.submit}` },
      body: ReadableStream.from(half()),
      duplex: 'half',
      signal: gone.signal,
    } as RequestInit);
    await expect(upload).rejects.toThrow();
    await expect(org.read.headBlob({ params: { sha256: name } })).rejects.toMatchObject({ status: 404 });
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  test('are not taken from a key that only reads', async () => {
    const bytes = 'a reader writes nothing';
    await expect(org.read.putBlob({ params: { sha256: sha256(bytes) }, body: bytes })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(org.read.headBlob({ params: { sha256: sha256(bytes) } })).rejects.toMatchObject({ status: 404 });
  });

  test('of 64 MiB, known already, are answered without being read', async () => {
    const large = randomBytes(64 * 1024 ** 2);
    expect((await put(large)).status).toBe(201);
    expect((await put(large)).status).toBe(200);
  });
});
