import { randomFillSync } from 'node:crypto';

/** 40 bits of milliseconds reach from here to 2054. */
const epochMs = Date.UTC(2020, 0, 1);
const randomBytesPerId = 7;
const poolBytes = randomBytesPerId * 512;

/**
 * Makes ids: a prefix and 24 hexadecimal digits, 10 of them the time and 14 (56 bits) random. What is made at one moment so
 * lies side by side in an index: with random ids each insert dirties pages of its own, and all of them go through the log.
 * An id is no secret: who may see what it names is decided by the key.
 * @param now ms since the epoch
 */
export function createIds(now: () => number): (prefix: string) => string {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  return (prefix) => {
    if (used === poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.toString('hex', used, used + randomBytesPerId);
    used += randomBytesPerId;
    const time = Math.max(0, now() - epochMs) % 2 ** 40;
    return `${prefix}_${time.toString(16).padStart(10, '0')}${random}`;
  };
}
