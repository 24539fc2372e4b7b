import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openFolder } from '../../server/blobs/folder.ts';
import { describeBlobs } from './blobs.suite.ts';

const folders: string[] = [];
const newFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'qgjob-blobs-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

describeBlobs('a folder', () => openFolder(newFolder()));

async function* bytesOf(text: string) {
  yield new TextEncoder().encode(text);
}
const hello = createHash('sha256').update('hello').digest('hex');

test('the folder and its parents are made', async () => {
  const path = join(newFolder(), 'not', 'yet');
  const { blobs } = await openFolder(path);
  await blobs.put(hello, bytesOf('hello'), 100);
  expect(readdirSync(path).sort()).toEqual(['blobs', 'logs', 'uploads']);
});

test('what was put is there when the folder is opened again', async () => {
  const path = newFolder();
  const first = await openFolder(path);
  await first.blobs.put(hello, bytesOf('hello'), 100);
  await first.logs.append('job_a', 1, 0, new TextEncoder().encode('log'));
  const second = await openFolder(path);
  expect(await second.blobs.size(hello)).toBe(5);
  expect(await second.logs.size('job_a', 1)).toBe(3);
});

test('neither a success nor a failure leaves an upload behind', async () => {
  const path = newFolder();
  const { blobs } = await openFolder(path);
  await blobs.put(hello, bytesOf('hello'), 100);
  await blobs.put('0'.repeat(64), bytesOf('hello'), 100).catch(() => {});
  await blobs.put('1'.repeat(64), bytesOf('hello'), 1).catch(() => {});
  expect(readdirSync(join(path, 'uploads'))).toEqual([]);
});

test('uploads that a killed server left are removed at start, those of a live one are not', async () => {
  const path = newFolder();
  await openFolder(path);
  writeFileSync(join(path, 'uploads', 'dead'), 'x');
  utimesSync(join(path, 'uploads', 'dead'), 0, 0);
  writeFileSync(join(path, 'uploads', 'alive'), 'x');
  await openFolder(path);
  expect(readdirSync(join(path, 'uploads'))).toEqual(['alive']);
});

test('a name that is no hash or id never becomes a path', async () => {
  const { blobs, logs } = await openFolder(newFolder());
  await expect(blobs.size('../../etc/passwd')).rejects.toThrow(RangeError);
  await expect(logs.read('../job', 1)[Symbol.asyncIterator]().next()).rejects.toThrow(RangeError);
});

test('a place that cannot be a folder is an error at start', async () => {
  const file = join(newFolder(), 'file');
  writeFileSync(file, '');
  await expect(openFolder(file)).rejects.toThrow(/ENOTDIR|EEXIST/);
});

test('where space runs out, the answer is storage_full, what was kept before stays, and nothing is left behind', () => {
  const path = newFolder();
  const script = join(import.meta.dirname, 'little-space.ts');
  // files of 64 KiB at most, in blocks of 512 bytes
  const command = ['-c', 'ulimit -f 128; exec "$0" "$@"', process.execPath, script, path];
  const said = execFileSync('sh', command, { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({ blob: 'storage_full', log: 'storage_full', logSize: 10 });
  expect(readdirSync(join(path, 'uploads'))).toEqual([]);
});
