import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { Unreadable } from './secrets.ts';

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** `v1.<which key>.<nonce, text and tag>`: AES-256-GCM, with a new nonce each time and the context authenticated. */
export function seal(key: Uint8Array, text: string, context: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return ['v1', nameOf(key), sealed.toString('base64url')].join('.');
}

/** @throws Unreadable */
export function unseal(key: Uint8Array, text: string, context: string): string {
  const [version, name, body = ''] = text.split('.');
  if (version !== 'v1') throw new Unreadable('It was sealed by a newer server: start that version again.');
  if (name !== nameOf(key)) {
    throw new Unreadable(
      'It was sealed with another key: give the server the QGJOB_SECRET_KEY (or the key file) that it had then, or register the App anew.',
    );
  }
  const bytes = Buffer.from(body, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    // not the cause: it can only say that the bytes do not fit
    throw new Unreadable(
      'It was changed since it was sealed: restore the database from a backup, or register the App anew.',
    );
  }
}

/** Tells keys apart without telling anything of them. */
function nameOf(key: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from('qgjob secret key name'), key])).slice(0, 8);
}
