import { expect, test } from 'vitest';
import { createDisk, type DiskRecord, readRecords } from '../../scripts/chaos/power-cut-disk.ts';
import { createRandom } from '../../scripts/chaos/random.ts';

const random = createRandom(1);

function record(op: DiskRecord['op'], offset = 0, text = '', file: DiskRecord['file'] = 'database'): DiskRecord {
  return { op, file, offset, bytes: Buffer.from(text), endsAt: 0 };
}

test('what was synced stands after every cut, what was not may be gone', () => {
  const disk = createDisk();
  for (const one of [record('write', 0, 'kept'), record('sync'), record('write', 4, ' lost')]) disk.apply(one);
  expect(disk.cut('none reached the disk', random).database.toString()).toBe('kept');
  expect(disk.cut('all did', random).database.toString()).toBe('kept lost');
  expect(disk.cut('none reached the disk', random).database.toString()).toBe('kept');
});

test('a sync of one file promises nothing about the other', () => {
  const disk = createDisk();
  for (const one of [record('write', 0, 'frame', 'log'), record('sync', 0, '', 'database')]) disk.apply(one);
  expect(disk.cut('none reached the disk', random).log).toHaveLength(0);
});

test('a truncated file that grows again holds zeroes where it was cut', () => {
  const disk = createDisk();
  for (const one of [record('write', 0, 'abcdef'), record('truncate', 2), record('write', 4, 'e'), record('sync')])
    disk.apply(one);
  expect(disk.cut('all did', random).database.toString()).toBe('ab\0\0e');
});

test('a torn write reaches the disk in whole sectors of 512 bytes', () => {
  const disk = createDisk();
  disk.apply(record('write', 0, 'x'.repeat(4096)));
  const lengths = Array.from({ length: 50 }, () => disk.cut('all up to a torn one did', random).database.length);
  expect(lengths.filter((length) => length % 512 !== 0)).toEqual([]);
  expect(new Set(lengths).size).toBeGreaterThan(3);
});

test('the journal is read as the preloaded library writes it', () => {
  const head = Buffer.alloc(14);
  head.writeUInt8(1, 0);
  head.writeUInt8(2, 1);
  head.writeBigUInt64LE(4096n, 2);
  head.writeUInt32LE(3, 10);
  const [first, ...others] = readRecords(Buffer.concat([head, Buffer.from('abc')]));
  expect(others).toEqual([]);
  expect(first).toMatchObject({ op: 'write', file: 'log', offset: 4096, endsAt: 17 });
  expect(first?.bytes.toString()).toBe('abc');
  expect(() => readRecords(Buffer.alloc(20))).toThrow('begins no record');
});
