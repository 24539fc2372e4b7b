import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLine } from '../../server/domain/plain-text.ts';

test('a plain line is the first line that says anything', () => {
  expect(plainLine('\n  \u001b[2m\u001b[22m\r\n Error: no \n at x', 100)).toBe('Error: no');
  expect(plainLine('', 100)).toBe('');
});

test('a plain line that was cut ends in an ellipsis and keeps whole characters', () => {
  expect(plainLine('abcdef', 6)).toBe('abcdef');
  expect(plainLine('abcdefg', 6)).toBe('abcde…');
  expect(plainLine('😀😀😀😀', 3)).toBe('😀😀…');
});

test('text that turns its direction around is shown in its own order', () => {
  expect(plainLine('gpj.\u202eexe', 100)).toBe('gpj. exe');
});

test('a plain line has no control characters and no more than the given length, whatever goes in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      const line = plainLine(text, max);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect([...line].length).toBeLessThanOrEqual(max);
    }),
  );
});
