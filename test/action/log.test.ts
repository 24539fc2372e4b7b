import { expect, test } from 'vitest';
import { createLog } from '../../action/log.ts';
import { parseCommand, registeredCommands } from '../support/runner/workflow-command.ts';

const known = new Set(registeredCommands);

function printed(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog((line) => lines.push(line)));
  return lines;
}

test.each([
  '::error::x',
  ' \t::error::x',
  '\u001b[1m::error::x',
  'a\n::error::x',
  'a\r::error::x',
  '\u0085::error::x',
  '\ufeff::error::x',
  'said ##[error]x',
  '#\u202e#[error]x',
  '##\u0000[error]x',
])('a line with %j is no command', (text) => {
  const lines = printed((log) => log.line(text));
  expect(lines).toHaveLength(1);
  expect(lines.flatMap((line) => line.split(/\r\n|\r|\n/)).filter((line) => parseCommand(line, known))).toEqual([]);
});

test('a quotation stops commands under a token of its own, and only its own lines are commands', () => {
  const quote = () =>
    printed((log) => log.group('##[error]t %0A::error::t', '::error::x\r::endgroup::\n::add-mask::y'));
  const [group = '', stop = '', ...rest] = quote();
  expect(parseCommand(group, known)).toMatchObject({ command: 'group' });
  const token = parseCommand(stop, known)?.data ?? '';
  expect(token).toMatch(/^[0-9a-f-]{36}$/);
  expect(rest.slice(-2)).toEqual([`::${token}::`, '::endgroup::']);
  expect(rest.slice(0, -2).filter((line) => parseCommand(line, known))).toEqual([]);
  expect(quote()[1]).not.toBe(stop);
});
