import { describe, expect, test } from 'vitest';
import { readSettings, SettingError } from '../../server/config.ts';

describe('QGJOB_SECRET_KEY', () => {
  const key = Buffer.alloc(32, 0xa5);

  test.each([['hex'], ['base64'], ['base64url']] as const)('is taken as %s', (encoding) => {
    const { secretKey } = readSettings({ QGJOB_SECRET_KEY: key.toString(encoding) });
    expect(Buffer.from(secretKey ?? [])).toEqual(key);
  });

  test.each(['short', 'a5'.repeat(31), 'a5'.repeat(33), Buffer.alloc(31).toString('base64')])(
    'that is %s is refused without being told',
    (value) => {
      const read = () => readSettings({ QGJOB_SECRET_KEY: value });
      expect(read).toThrow(SettingError);
      expect(read).toThrow(/^QGJOB_SECRET_KEY cannot be used\. Allowed: 32 random bytes/);
      expect(read).not.toThrow(value);
    },
  );
});
