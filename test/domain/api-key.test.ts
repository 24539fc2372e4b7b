import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { apiKeyRandomBytes, looksLikeApiKey, makeApiKey } from '../../server/domain/api-key.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const newKey = () => makeApiKey(randomBytes(apiKeyRandomBytes));

test('a key is qgj_, 30 base62 digits and their CRC32 in 6 more', () => {
  const key = newKey();
  expect(key).toMatch(/^qgj_[0-9A-Za-z]{36}$/);
  const value = [...key.slice(34)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
  expect(value).toBe(crc32(key.slice(4, 34)));
});

test('a session token is qgs_, 43 base62 digits that hold all 256 bits, and their CRC32', () => {
  const session = makeApiKey(new Uint8Array(apiKeyRandomBytes).fill(255), 'session');
  expect(session).toMatch(/^qgs_[0-9A-Za-z]{49}$/);
  const value = [...session.slice(4, 47)].reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);
  expect(value).toBe(2n ** 256n - 1n);
  expect(looksLikeApiKey(session)).toBe(true);
  expect(looksLikeApiKey(session.slice(0, -1))).toBe(false);
  expect(looksLikeApiKey(session.replace('qgs_', 'qgj_'))).toBe(false);
});

test('every made key is recognised and no two are alike', () => {
  const keys = Array.from({ length: 1000 }, newKey);
  expect(keys.every(looksLikeApiKey)).toBe(true);
  expect(new Set(keys).size).toBe(1000);
});

test('a single wrong, missing or further character is refused', () => {
  const key = newKey();
  for (let at = 4; at < key.length; at++) {
    const other = key[at] === 'x' ? 'y' : 'x';
    expect(looksLikeApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
  }
  expect(looksLikeApiKey(key.slice(0, -1))).toBe(false);
  expect(looksLikeApiKey(`${key}0`)).toBe(false);
});

test('a key the operator chose needs no checksum but 24 characters, and none is longer than 256', () => {
  expect(looksLikeApiKey('correct-horse-battery-st')).toBe(true);
  expect(looksLikeApiKey('correct-horse-battery-s')).toBe(false);
  expect(looksLikeApiKey('x'.repeat(257))).toBe(false);
});

test('too little randomness is an error, not a weak key', () => {
  expect(() => makeApiKey(randomBytes(16))).toThrow(RangeError);
});
