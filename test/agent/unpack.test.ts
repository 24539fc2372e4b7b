import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpackArchive } from '../../agent/workspace/unpack.ts';
import { archiveOf } from './support/fleet.ts';
import { temporaryFolder } from './support/project.ts';

/** One entry of a tar archive, written byte by byte: an honest packer would not make these. */
function entry(path: string, type: string, { link = '', body = '' } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

async function unpack(archive: Buffer, limitBytes?: number) {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'a.tgz'), archive);
  await mkdir(join(dir, 'out'));
  await unpackArchive(join(dir, 'a.tgz'), join(dir, 'out'), 'The bundle', limitBytes);
  return join(dir, 'out');
}

const evil = (...entries: Buffer[]) => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));

describe('an archive from a stranger', () => {
  test('is unpacked with its folders, and with links that stay inside', async () => {
    const dir = await unpack(evil(entry('a/b.txt', '0', { body: 'hello' }), entry('a/link', '2', { link: 'b.txt' })));
    expect(readFileSync(join(dir, 'a/link'), 'utf8')).toBe('hello');
  });

  test.each([
    ['goes up', entry('../escaped', '0', { body: 'x' })],
    ['goes up in the middle', entry('a/../../escaped', '0', { body: 'x' })],
    ['is absolute', entry('/tmp/qgjob-escaped', '0', { body: 'x' })],
    ['links out', entry('a', '2', { link: '../../escaped' })],
    ['links to an absolute path', entry('a', '2', { link: '/etc' })],
    ['hard-links out', entry('a', '1', { link: '../escaped' })],
    ['is a device', entry('a', '3')],
    ['is a pipe', entry('a', '6')],
  ])('is refused when an entry %s', async (_, bad) => {
    await expect(unpack(evil(bad, entry('z', '0', { body: 'z' })))).rejects.toMatchObject({ outcome: 'config_error' });
    expect(existsSync('/tmp/qgjob-escaped')).toBe(false);
  });

  test('cannot write through a link it brought', async () => {
    const outside = temporaryFolder();
    const archive = evil(entry('a', '2', { link: outside }), entry('a/escaped', '0', { body: 'x' }));
    await expect(unpack(archive)).rejects.toMatchObject({ outcome: 'config_error' });
    expect(await readdir(outside)).toEqual([]);
  });

  test('is refused when it is too large unpacked, however small it is packed, before it is read to its end', async () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    await expect(unpack(evil(entry('a', '0', { body: zeros.toString('latin1') })), 1024)).rejects.toThrow(
      'more than 1024 bytes',
    );
  });

  test('is refused when it is none: text, an empty file, a cut one', async () => {
    const whole = await archiveOf({ 'a.txt': 'x'.repeat(5000), 'b.txt': 'y' });
    for (const bytes of [Buffer.from('hello'), whole.subarray(0, whole.length >> 1)])
      await expect(unpack(bytes)).rejects.toMatchObject({
        outcome: 'config_error',
        message: expect.stringContaining('.tar.gz'),
      });
  });
});
