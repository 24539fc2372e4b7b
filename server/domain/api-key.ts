/** How a secret begins, and how many base62 digits it has: 30 are 178 bits, 43 all 256. */
const kinds = {
  key: { prefix: 'qgj_', secretLength: 30 },
  session: { prefix: 'qgs_', secretLength: 43 },
};
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const checksumLength = 6;
/** What `makeApiKey` needs: far more than 62^30 holds, and less than 62^43, so that the remainder favours no key measurably. */
export const apiKeyRandomBytes = 32;
/** Shorter keys can be guessed; a key the operator chose is only ever checked for this. */
export const minApiKeyLength = 24;

/**
 * A new API key: `qgj_`, 30 base62 digits (178 bits) and 6 more that are their CRC32, so that a mistyped or truncated key
 * is refused without a look at the database and secret scanners know it for one. A session token is `qgs_` and 43 digits.
 * @param randomBytes `apiKeyRandomBytes` bytes from a cryptographic source
 */
export function makeApiKey(randomBytes: Uint8Array, kind: keyof typeof kinds = 'key'): string {
  if (randomBytes.length < apiKeyRandomBytes)
    throw new RangeError(`an API key needs ${apiKeyRandomBytes} random bytes`);
  const { prefix, secretLength } = kinds[kind];
  let number = 0n;
  for (const byte of randomBytes) number = (number << 8n) | BigInt(byte);
  const secret = base62(number, secretLength);
  return prefix + secret + checksum(secret);
}

/**
 * Whether this text can be a key at all: one that begins with `qgj_` or `qgs_` must carry its checksum, any other (a key
 * the operator chose) must be long enough.
 */
export function looksLikeApiKey(text: string): boolean {
  if (text.length < minApiKeyLength || text.length > 256) return false;
  const kind = Object.values(kinds).find(({ prefix }) => text.startsWith(prefix));
  if (!kind) return true;
  const { prefix, secretLength } = kind;
  const secret = text.slice(prefix.length, prefix.length + secretLength);
  return text === prefix + secret + checksum(secret);
}

function checksum(secret: string): string {
  return base62(BigInt(crc32(secret)), checksumLength);
}

/** The lowest `length` base62 digits of a number, highest first. */
function base62(number: bigint, length: number): string {
  let rest = number;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = digits.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/** CRC-32 (IEEE 802.3) of ASCII text. By hand: `node:zlib` has one, and the domain imports nothing of Node. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i) & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
