import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSecrets } from '../../server/secrets/keyed-secrets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\n';
const withKey = (key = randomBytes(32)) => createSecrets({ key, keyFile: null });

describe('a secret', () => {
  test('is sealed differently each time, and opens to what it was', async () => {
    const secrets = withKey();
    const [one, other] = [await secrets.seal(pem, 'a'), await secrets.seal(pem, 'a')];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+$/);
    expect(Buffer.from(one.split('.')[2] ?? '', 'base64url').includes('MIIEow')).toBe(false);
    expect([await secrets.open(one, 'a'), await secrets.open(other, 'a')]).toEqual([pem, pem]);
  });

  test('opens for nothing but what it was sealed for', async () => {
    const secrets = withKey();
    await expect(secrets.open(await secrets.seal(pem, 'app 1'), 'app 2')).rejects.toThrow('It was changed');
  });

  test('with one bit changed anywhere does not open', async () => {
    const secrets = withKey();
    const [version, name, body = ''] = (await secrets.seal('short', 'a')).split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = [version, name, changed.toString('base64url')].join('.');
      await expect(secrets.open(text, 'a')).rejects.toThrow('It was changed');
    }
    await expect(secrets.open(`${version}.${name}.`, 'a')).rejects.toThrow('It was changed');
  });

  test('sealed with another key says so, without a word of either', async () => {
    const [one, other] = [randomBytes(32), randomBytes(32)];
    const sealed = await withKey(one).seal(pem, 'a');
    const error = await withKey(other)
      .open(sealed, 'a')
      .catch((caught: Error) => caught);
    expect(String(error)).toContain('QGJOB_SECRET_KEY');
    expect(String(error)).not.toContain('MIIEow');
    expect(String(error)).not.toContain(other.toString('hex'));
  });

  test('cannot be sealed without a key, and the refusal says how to give one', async () => {
    const secrets = createSecrets({ key: null, keyFile: null });
    await expect(secrets.seal(pem, 'a')).rejects.toMatchObject({
      code: 'not_available',
      message: expect.stringContaining('Set QGJOB_SECRET_KEY first'),
    });
    await expect(secrets.open('v1.x.y', 'a')).rejects.toThrow('is missing');
  });
});

describe('the key file', () => {
  const root = temporaryFolder();
  const inFolder = () => {
    const folder = mkdtempSync(root.file('keys-'));
    const keyFile = join(folder, 'secret.key');
    return { folder, keyFile, secrets: createSecrets({ key: null, keyFile }) };
  };

  test('is made when it is first needed, once, for its owner alone', async () => {
    const { folder, keyFile, secrets } = inFolder();
    expect(existsSync(keyFile)).toBe(false);
    const sealed = await Promise.all(Array.from({ length: 8 }, () => secrets.seal(pem, 'a')));
    expect(readdirSync(folder)).toEqual(['secret.key']);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const again = createSecrets({ key: null, keyFile });
    for (const each of sealed) expect(await again.open(each, 'a')).toBe(pem);
  });

  test('is one, however many make it at the same moment', async () => {
    for (let round = 0; round < 25; round++) {
      const { keyFile } = inFolder();
      const all = Array.from({ length: 12 }, () => createSecrets({ key: null, keyFile }));
      const sealed = await Promise.all(all.map((secrets) => secrets.seal(pem, 'a')));
      for (const each of sealed) expect(await createSecrets({ key: null, keyFile }).open(each, 'a')).toBe(pem);
    }
  });

  test('is not taken when others can read it', async () => {
    const { keyFile, secrets } = inFolder();
    await secrets.seal(pem, 'a');
    chmodSync(keyFile, 0o640);
    await expect(secrets.seal(pem, 'a')).rejects.toThrow('can be read by others: chmod 600');
  });

  test('that is damaged is left as it is', async () => {
    const { keyFile, secrets } = inFolder();
    writeFileSync(keyFile, 'half a ke', { mode: 0o600 });
    await expect(secrets.seal(pem, 'a')).rejects.toThrow('restore it from a backup');
    expect(readFileSync(keyFile, 'utf8')).toBe('half a ke');
  });
});
