import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/** An App's key, PEM. GitHub hands out PKCS#1 (`BEGIN RSA PRIVATE KEY`); people convert it to PKCS#8. */
export interface KeyPair {
  publicKey: string;
  privateKey: string;
  privateKeyPkcs8: string;
}

export async function makeKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const privateKeyPkcs8 = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { publicKey, privateKey, privateKeyPkcs8 };
}
