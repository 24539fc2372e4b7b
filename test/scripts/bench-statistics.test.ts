import { expect, test } from 'vitest';
import { goalsText } from '../../scripts/bench/goals.ts';
import { number, ratioOf, spreadOf, table } from '../../scripts/bench/statistics.ts';

test('a spread has the middle of an odd number of rounds, and the mean of the two middle ones of an even', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
});

test('a ratio is taken within each round, so that what slowed both in a round falls out', () => {
  expect(ratioOf([100, 10, 50], [50, 5, 25])).toEqual({ median: 2, least: 2, most: 2 });
});

test('numbers are grouped by thousands and small ones keep their digits', () => {
  expect([1234567, 999.6, 45.67, 1.234].map(number)).toEqual(['1 234 567', '1 000', '45.7', '1.23']);
});

test('a table aligns its first column left and the others right', () => {
  expect(
    table([
      ['work', 'rate'],
      ['a', '12 345'],
    ]),
  ).toBe('work    rate\na     12 345');
});

test('a goal is reached by the median of the rounds', () => {
  const text = goalsText({ submit: [200, 90, 210], plainjobEnqueue: [100, 100, 100] });
  expect(text).toMatch(/G1 submit ÷ plainjob at FULL +2\.00 \(0\.90–2\.10\) +≥ 2\.00 +reached/);
  expect(goalsText({ submit: [199], plainjobEnqueue: [100] })).toMatch(/plainjob at FULL .* NOT REACHED/);
});
