import { describe, expect, test } from 'vitest';
import { commandsIn } from '../../server/domain/github/comment-commands.ts';

const run = { name: 'run', sha: null };

describe('a command in a comment', () => {
  test.each([
    ['/qgjob run', [run]],
    ['/qgjob  run \t', [run]],
    ['Looks good.\r\n/qgjob run\r\nThanks!', [run]],
    ['/qgjob retry', [{ name: 'retry' }]],
    ['/qgjob run 0123abc', [{ name: 'run', sha: '0123abc' }]],
    ['/qgjob run\n/qgjob retry', [run, { name: 'retry' }]],
    ['````\n```\n/qgjob run\n````\n/qgjob retry', [{ name: 'retry' }]],
  ])('stands at the beginning of a line of its own: %j', (body, commands) => {
    expect(commandsIn(body)).toEqual(commands);
  });

  test.each([
    ' /qgjob run',
    '> /qgjob run',
    'please /qgjob run',
    '/qgjob run now',
    '/qgjob runs',
    '/qgjobrun',
    '/QGJOB run',
    '/qgjob run 0123ab',
    '/qgjob run main',
    '/qgjob',
    '```\n/qgjob run\n```',
    '~~~ sh\n/qgjob run',
    '`/qgjob run`',
  ])('is nothing else: %j', (body) => {
    expect(commandsIn(body)).toEqual([]);
  });

  test('repeated thousands of times costs no more than a few', () => {
    expect(commandsIn('/qgjob run\n'.repeat(6_000))).toHaveLength(4);
  });
});
