import { describe, expect, test } from 'vitest';
import { isStale, unneededRuns, whyNotApproved } from '../../server/domain/github/pull-request.ts';

const pull = { number: 7, state: 'open', headSha: 'b'.repeat(40), updatedAt: 10_000 } as const;
const run = (over: object = {}) => ({
  id: 'run',
  headSha: 'a'.repeat(40),
  status: 'queued' as const,
  github: { repository: 'acme/app', pull_request: 7 },
  ...over,
});

describe('a run of a pull request', () => {
  test('of another commit than its head is superseded, one of its head is not', () => {
    expect(unneededRuns(pull, [run(), run({ headSha: pull.headSha })])).toMatchObject([{ conclusion: 'superseded' }]);
  });

  test('is cancelled when it is closed, whatever the commit', () => {
    const all = [run(), run({ headSha: pull.headSha }), run({ headSha: null })];
    const found = unneededRuns({ ...pull, state: 'closed' }, all);
    expect(found.map(({ conclusion }) => conclusion)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  test.each([
    ['of another pull request', { github: { repository: 'acme/app', pull_request: 8 } }],
    ['of none', { github: null }],
    ['that has completed', { status: 'completed' as const }],
    ['whose commit is not known, while it is open', { headSha: null }],
  ])('%s is left alone', (_, over) => {
    expect(unneededRuns(pull, [run(over)])).toEqual([]);
  });
});

test("GitHub's answer is stale when it is a second or more older than the webhook", () => {
  expect([9_000, 10_000, 10_999, 11_000].map((toldAt) => isStale(pull, toldAt))).toEqual([false, false, false, true]);
});

describe('an approval', () => {
  const why = (sha: string | null, commentedAt: number, over: object = {}) =>
    whyNotApproved({ name: 'run', sha }, commentedAt, { ...pull, ...over });

  test('is of the head when nothing changed after the comment', () => {
    expect([why(null, 10_000), why(null, 12_000)]).toEqual([null, null]);
  });

  test('is none when something changed after the comment, unless the commit is named', () => {
    expect(why(null, 9_000)).toContain('changed after the comment');
    expect(why(pull.headSha.slice(0, 7), 1_000)).toBeNull();
  });

  test('is none of another commit than the head, nor of a closed pull request', () => {
    expect(why('a'.repeat(12), 12_000)).toContain('not aaaaaaaaaaaa');
    expect(why(null, 12_000, { state: 'closed' })).toContain('is closed');
  });
});
