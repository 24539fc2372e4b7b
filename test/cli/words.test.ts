import { describe, expect, test } from 'vitest';
import { truncate, widthOf } from '../../cli/render/width.ts';
import { formatBytes } from '../../client/bytes.ts';
import { formatDuration, parseDuration } from '../../client/duration.ts';
import { exitCodeOf } from '../../client/exit-codes.ts';
import { parseKeyValues } from '../../client/key-values.ts';
import { plainJson, plainLine, plainText } from '../../client/plain-text.ts';

describe('durations', () => {
  test.each([
    ['90s', 90],
    ['15m', 900],
    ['1h', 3600],
    ['2d', 172_800],
    ['15', 900],
    ['1.5h', 5400],
  ])('%s is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(['', '0', '-5m', '5 minutes', '1h30m', 'Infinity', '1e3s'])('%o is none', (text) => {
    expect(() => parseDuration(text)).toThrow(/90s, 15m, 1h/);
  });

  test.each([
    [420, '0.4 s'],
    [12_300, '12 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('%i ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [4096, '4.0 KiB'],
  [200 * 1024 ** 2, '200 MiB'],
])('%i bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

describe('the exit code', () => {
  const job = (
    conclusion: 'passed' | 'failed' | 'infra_error' | 'timed_out',
    reason_code: 'no_compatible_device' | null = null,
  ) => ({
    conclusion,
    reason_code,
  });

  test.each([
    ['passed', 0, 0, 0],
    ['failed', 1, 1, 0],
    ['no_tests', 3, 3, 0],
    ['cancelled', 19, 19, 19],
    ['superseded', 19, 19, 19],
    ['infra_error', 20, 0, 0],
    ['timed_out', 124, 124, 0],
    [null, 0, 0, 0],
  ] as const)('of %s is %i, %i with --fail-on tests, %i with never', (conclusion, infra, tests, never) => {
    const codes = (['infra', 'tests', 'never'] as const).map((failOn) => exitCodeOf({ conclusion }, [], failOn));
    expect(codes).toEqual([infra, tests, never]);
    expect(exitCodeOf({ conclusion }, [])).toBe(infra);
  });

  test('is 18 where the jobs that decided it had no compatible device', () => {
    const jobs = [job('passed'), job('infra_error', 'no_compatible_device')];
    expect(exitCodeOf({ conclusion: 'infra_error' }, jobs)).toBe(18);
    expect(exitCodeOf({ conclusion: 'timed_out' }, [job('timed_out', 'no_compatible_device')])).toBe(18);
    expect(exitCodeOf({ conclusion: 'infra_error' }, [...jobs, job('infra_error')])).toBe(20);
    expect(exitCodeOf({ conclusion: 'failed' }, [...jobs, job('failed')])).toBe(1);
  });
});

describe('key=value lists', () => {
  test('take quoted values and repeated keys', () => {
    expect(parseKeyValues('id=a, model="Pixel 7, pro",label=x,label=y', ['id', 'model', 'label'])).toEqual(
      new Map([
        ['id', ['a']],
        ['model', ['Pixel 7, pro']],
        ['label', ['x', 'y']],
      ]),
    );
  });

  test.each(['id', 'id=', '=a', 'colour=red'])('%s is refused', (text) => {
    expect(() => parseKeyValues(text, ['id'])).toThrow();
  });
});

describe('foreign text', () => {
  test.each([
    ['colours', 'a\x1b[31mb\x1b[0mc', 'abc'],
    ['a title', 'a\x1b]0;owned\x07b', 'ab'],
    ['the clipboard', 'a\x1b]52;c;ZXZpbA==\x1b\\b', 'ab'],
    ['a sequence cut short', 'a\x1b]0;owned', 'a'],
    ['eight-bit sequences', 'a\x9b31mb\x9d0;t\x9cc', 'abc'],
    ['a device string', 'a\x1bP1$r\x1b\\b', 'ab'],
    ['a reset', 'a\x1bcb', 'ab'],
    ['a bell and a backspace', 'a\x07\x08b', 'ab'],
    ['a change of direction', 'a\u202egpj.exe', 'agpj.exe'],
    ['a return to the line start', 'passed\rfailed', 'passed\nfailed'],
    ['half a character', 'a\ud800b', 'ab'],
  ])('loses %s', (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test('keeps letters, pictures, lines and tabs', () => {
    const text = 'größe 尺寸 👩‍🚀\n\tat line 3';
    expect(plainText(text)).toBe(text);
    expect(plainLine(text)).toBe('größe 尺寸 👩‍🚀 at line 3');
  });

  test('is harmless and the same in JSON', () => {
    const value = { title: 'a\x1b[31m\x9b31m\u202e\u2028\x7f' };
    const json = plainJson(value);
    expect(plainText(json)).toBe(json);
    expect(JSON.parse(json)).toEqual(value);
  });
});

describe('widths', () => {
  test('count two columns for wide letters and none for accents', () => {
    expect(widthOf('abc')).toBe(3);
    expect(widthOf('尺寸')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
  });

  test('a text is cut with an ellipsis to fit', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdefg', 6)).toBe('abcde…');
    expect(widthOf(truncate('尺寸尺寸尺寸', 6))).toBeLessThanOrEqual(6);
  });
});
