import { readFileSync } from 'node:fs';

/**
 * How many transactions a SQLite write-ahead log holds, from its bytes: a frame ends a transaction when its header gives
 * the size of the database (https://sqlite.org/fileformat2.html#walformat). Counts since the last restart of the log.
 */
export function committedTransactions(file: string): number {
  const wal = readFileSync(`${file}-wal`);
  if (wal.length === 0) return 0;
  const pageSize = wal.readUInt32BE(8);
  const salt = wal.toString('hex', 16, 24);
  let commits = 0;
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) {
    // frames of an older round of the log lie behind the present ones
    if (wal.toString('hex', at + 8, at + 16) !== salt) break;
    if (wal.readUInt32BE(at + 4) !== 0) commits++;
  }
  return commits;
}
