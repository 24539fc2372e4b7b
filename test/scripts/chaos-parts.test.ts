import { expect, test } from 'vitest';
import { readFlags } from '../../scripts/chaos/flags.ts';
import { openJournal, readJournals } from '../../scripts/chaos/journal.ts';
import { createRandom } from '../../scripts/chaos/random.ts';
import { planSubmissions } from '../../scripts/chaos/submissions.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

test('a seed repeats a plan, another seed makes another', () => {
  const plan = (seed: number) => planSubmissions(createRandom(seed), 200, 60_000);
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

test('a plan has exactly the jobs asked for, each spec file once', () => {
  const tests = planSubmissions(createRandom(1), 1000, 60_000).flatMap((submission) => submission.tests);
  expect(tests).toHaveLength(1000);
  expect(new Set(tests).size).toBe(1000);
});

test('random fractions lie between 0 and 1 and fill the range evenly', () => {
  const random = createRandom(3);
  const fractions = Array.from({ length: 10_000 }, () => random.fraction());
  expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...fractions)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth++) {
    expect(fractions.filter((f) => Math.floor(f * 10) === tenth).length).toBeGreaterThan(850);
  }
});

test('journals are read back entry by entry, of all processes', () => {
  openJournal(folder.file('a.jsonl'))({ kind: 'lease_lost', at: 1, leaseId: 'lse_a' });
  const note = openJournal(folder.file('b.jsonl'));
  note({ kind: 'broken', at: 2, text: 'two\nlines' });
  note({ kind: 'lease_lost', at: 3, leaseId: 'lse_b' });
  expect(readJournals(folder.path).map(({ at }) => at)).toEqual([1, 2, 3]);
});

test('the short form takes fifteen seconds of kills and 150 jobs, and each flag wins over it', () => {
  expect(readFlags(['--short'])).toMatchObject({ seconds: 15, jobs: 150, database: null });
  expect(readFlags(['--short', '--jobs', '20', '--seed', '5'])).toMatchObject({ seconds: 15, jobs: 20, seed: 5 });
  expect(() => readFlags(['--seconds', '1e3'])).toThrow('--seconds takes a whole number, not 1e3');
});
