import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';

/** GitHub takes at most ten minutes from `iat` to now and to `exp`. */
const lifetimeSeconds = 540;
/** For a clock of GitHub's that is behind ours. */
const backdatedSeconds = 30;

/**
 * What an App proves itself with. @param privateKey PEM, PKCS#1 as GitHub hands it out or PKCS#8
 * @throws Error, without the key, when it is none
 */
export function createAppJwt(appId: number, privateKey: string): (now: number) => Promise<string> {
  const key = readKey(privateKey);
  return (now) => {
    const seconds = Math.floor(now / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(String(appId))
      .setIssuedAt(seconds - backdatedSeconds)
      .setExpirationTime(seconds + lifetimeSeconds)
      .sign(key);
  };
}

function readKey(pem: string) {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // the cause may quote the key
  }
  throw new Error('The private key of the GitHub App is no RSA key in PEM, as GitHub hands it out.');
}
