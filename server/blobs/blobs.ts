/**
 * Bytes by their SHA-256. Knows nothing of organisations: who may see which bytes is kept in the store.
 * Failures for want of space throw DomainError `storage_full` and leave nothing behind.
 */
export interface Blobs {
  /** The size in bytes, or null when they are not here. */
  size(sha256: string): Promise<number | null>;
  /**
   * Reads `source` to its end and keeps it if its SHA-256 is the one named; durable when it resolves. Known bytes are
   * read and verified all the same, and not kept twice. Memory does not grow with the size.
   * @returns the size in bytes
   * @throws DomainError `blob_hash_mismatch`, `payload_too_large` (more than `maxBytes`), `storage_full`
   */
  put(sha256: string, source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number>;
  /** The bytes from `first` to `last`, both included. */
  read(sha256: string, range?: { first: number; last: number }): AsyncIterable<Uint8Array>;
}

/** Logs of attempts: append-only bytes. */
export interface Logs {
  /** How many bytes there are; 0 for a log that was never written. */
  size(jobId: string, attempt: number): Promise<number>;
  /**
   * Appends at `offset`; what overlaps with bytes already there is dropped, so that a repeated append is harmless.
   * Durable when it resolves. Appends to one log are done one at a time.
   * @returns the size afterwards
   * @throws DomainError `offset_mismatch` (with the size) when `offset` lies beyond the end, `storage_full`
   */
  append(jobId: string, attempt: number, offset: number, bytes: Uint8Array): Promise<number>;
  read(jobId: string, attempt: number, range?: { first: number; last: number }): AsyncIterable<Uint8Array>;
}
