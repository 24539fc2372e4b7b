import { describe, expect, test } from 'vitest';
import { familiesOf, standingAttempt, whyNoNewAttempt } from '../../server/domain/attempts.ts';

const run = (id: string, retryOf: string | null = null, over: object = {}) => ({
  id,
  retryOf,
  status: 'completed' as const,
  createdAt: 10_000,
  jobsTotal: 2,
  ...over,
});
const ids = (families: { id: string }[][]) => families.map((family) => family.map(({ id }) => id));

test('runs of a commit are sorted by what they are attempts of, oldest first', () => {
  const newestFirst = [run('e', 'c'), run('d', 'elsewhere'), run('c', 'a'), run('b'), run('a')];
  expect(ids(familiesOf(newestFirst))).toEqual([['a', 'c', 'e'], ['b'], ['d']]);
});

test('an attempt of some of the jobs only does not stand for its family', () => {
  expect(standingAttempt([run('a'), run('b', 'a'), run('c', 'b', { jobsTotal: 1 })])?.id).toBe('b');
  expect(standingAttempt([])).toBeUndefined();
});

describe('a click on re-run', () => {
  test('is answered by an attempt under way, whichever of the family', () => {
    const family = [run('a', null, { status: 'running' }), run('b', 'a')];
    expect(whyNoNewAttempt(family, null, null)).toBe('Run a is running already.');
  });

  test('is answered by an attempt that was made since, however late it is told', () => {
    const family = [run('a'), run('b', 'a', { createdAt: 12_000 })];
    expect(whyNoNewAttempt(family, family[0] ?? null, 11_000)).toBe('Run b was made since.');
    expect(whyNoNewAttempt(family, null, 11_000)).toBe('Run b was made since.');
  });

  test('asks for a new attempt when the last was made before, even in the same second', () => {
    const family = [run('a'), run('b', 'a', { createdAt: 11_900 })];
    expect(whyNoNewAttempt(family, null, 11_000)).toBeNull();
    expect(whyNoNewAttempt(family, null, null)).toBeNull();
  });

  test('is never answered by the very run that was clicked on', () => {
    const only = run('a', null, { createdAt: 99_000 });
    expect(whyNoNewAttempt([only], only, 11_000)).toBeNull();
  });
});
