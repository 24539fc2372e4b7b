import type { Random } from './random.ts';

/** A write, a truncation or a sync of one of the two files, as power-cut-journal.c noted it. */
export interface DiskRecord {
  op: 'write' | 'truncate' | 'sync';
  file: 'database' | 'log';
  offset: number;
  bytes: Buffer;
  /** Where it ends in the journal. */
  endsAt: number;
}

const headLength = 14;
const ops = { 1: 'write', 2: 'truncate', 3: 'sync' } as const;

/** @throws RangeError for a journal that the preloaded library did not write */
export function readRecords(journal: Buffer): DiskRecord[] {
  const records: DiskRecord[] = [];
  for (let at = 0; at < journal.length; ) {
    const op = ops[journal.readUInt8(at) as keyof typeof ops];
    if (op === undefined) throw new RangeError(`byte ${at} of the journal begins no record`);
    const file = journal.readUInt8(at + 1) === 1 ? 'database' : 'log';
    const length = journal.readUInt32LE(at + 10);
    const from = at + headLength;
    const bytes = journal.subarray(from, from + length);
    at = from + length;
    records.push({ op, file, offset: Number(journal.readBigUInt64LE(from - 12)), bytes, endsAt: at });
  }
  return records;
}

/** What a cut does to the writes that no sync has followed. */
export type Fate = 'none reached the disk' | 'all did' | 'any of them did' | 'all up to a torn one did';
export const fates = ['none reached the disk', 'all did', 'any of them did', 'all up to a torn one did'] as const;

interface Contents {
  /** Room for more than there is, so that a file that grows is not copied at each write. */
  room: Buffer;
  length: number;
}

export interface Image {
  database: Buffer;
  log: Buffer;
}

/** The disk, moved forward through the journal; `cut` shows it as a power cut at this moment would leave it. */
export function createDisk() {
  const synced = { database: empty(), log: empty() };
  let pending: DiskRecord[] = [];
  return {
    apply(record: DiskRecord): void {
      if (record.op !== 'sync') {
        pending.push(record);
        return;
      }
      for (const one of pending) if (one.file === record.file) write(synced[one.file], one);
      pending = pending.filter((one) => one.file !== record.file);
    },
    cut(fate: Fate, random: Random): Image {
      const left = { database: copyOf(synced.database), log: copyOf(synced.log) };
      for (const one of survivors(pending, fate, random)) write(left[one.file], one);
      return { database: bytesOf(left.database), log: bytesOf(left.log) };
    },
  };
}

function survivors(pending: readonly DiskRecord[], fate: Fate, random: Random): DiskRecord[] {
  switch (fate) {
    case 'none reached the disk':
      return [];
    case 'all did':
      return [...pending];
    case 'any of them did':
      return pending.filter(() => random.chance(0.5));
    case 'all up to a torn one did': {
      const count = random.between(0, pending.length);
      const torn = pending[count];
      const whole = pending.slice(0, count);
      if (torn?.op !== 'write') return whole;
      // a disk writes sectors of 512 bytes whole or not at all
      const sectors = random.between(0, Math.floor(torn.bytes.length / 512));
      return [...whole, { ...torn, bytes: torn.bytes.subarray(0, sectors * 512) }];
    }
  }
}

function write(file: Contents, { op, offset, bytes }: DiskRecord): void {
  const end = offset + bytes.length;
  if (end > file.room.length) {
    const room = Buffer.alloc(Math.max(end, file.room.length * 2));
    file.room.copy(room);
    file.room = room;
  }
  if (op === 'truncate') {
    file.room.fill(0, offset);
    file.length = offset;
  } else {
    bytes.copy(file.room, offset);
    file.length = Math.max(file.length, end);
  }
}

const empty = (): Contents => ({ room: Buffer.alloc(4096), length: 0 });
const bytesOf = ({ room, length }: Contents): Buffer => room.subarray(0, length);
const copyOf = (file: Contents): Contents => ({ room: Buffer.from(bytesOf(file)), length: file.length });
