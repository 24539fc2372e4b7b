import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { differences, type Outcome } from '../../examples/demo/expected.ts';

type Tries = Outcome['jobs'][number]['attempts'][number]['tests'];

const flaky = { file: 'tests/connection.spec.ts', title: 'the catalogue opens within a second and a half' };
const voucher = { file: 'tests/prices.spec.ts', title: 'a voucher takes its value off the total, once' };
const discount = { file: 'tests/prices.spec.ts', title: 'from three of a kind the line costs 15 % less' };
const wrongTotal = { message: 'Expected: "€36.92"', file: 'tests/prices.spec.ts', line: 17 };

/** What the demo finds of version 1.0: eight jobs of an attempt each, two of them with a test that did more than pass. */
function outcomeOf10(): Outcome & { tests: Tries[] } {
  const tests: Tries[] = Array.from({ length: 8 }, () => []);
  tests[3]?.push(
    { ...flaky, id: 'f', status: 'failed', retry: 0, errors: [{ message: 'late' }] },
    { ...flaky, id: 'f', status: 'flaky', retry: 1, errors: [] },
  );
  tests[5]?.push({ ...voucher, id: 'v', status: 'skipped', retry: 0, errors: [] });
  return {
    tests,
    run: {
      conclusion: 'passed',
      counts: { total: 23, passed: 21, failed: 0, flaky: 1, skipped: 1 },
      installs: { made: 1, avoided: 7, seconds_saved: 0 },
    },
    jobs: tests.map((tries) => ({ attempts: [{ tests: tries }] })),
  };
}

describe('what the demo expects', () => {
  test('nothing differs where version 1.0 passes with its flaky and its skipped test', () => {
    expect(differences('1.0', outcomeOf10(), 0)).toEqual([]);
  });

  test('version 1.1 with the outcome of 1.0 is not what is expected', () => {
    const found = differences('1.1', outcomeOf10(), 0).join('\n');
    expect(found).toContain('Shop 1.1, exit code: "0" instead of "1".');
    expect(found).toContain(`instead of "tests/prices.spec.ts:17: ${discount.title}"`);
  });

  test('a second install is told', () => {
    const outcome = outcomeOf10();
    outcome.run.installs = { made: 2, avoided: 6, seconds_saved: 0 };
    expect(differences('1.0', outcome, 0)).toEqual([
      'Shop 1.0, installs made: "2" instead of "1".',
      'Shop 1.0, installs avoided: "6" instead of "7".',
    ]);
  });

  test('another test that fails is told by its place and title', () => {
    const outcome = outcomeOf10();
    outcome.tests[5]?.push({ ...discount, id: 'd', status: 'failed', retry: 1, errors: [wrongTotal] });
    expect(differences('1.0', outcome, 0)).toEqual([
      `Shop 1.0, failed tests: "tests/prices.spec.ts:17: ${discount.title}" instead of "".`,
    ]);
  });

  test('a job that took two attempts is told', () => {
    const outcome = outcomeOf10();
    outcome.jobs[0]?.attempts.push({ tests: [] });
    expect(differences('1.0', outcome, 0)).toEqual(['Shop 1.0, attempts: "9" instead of "8".']);
  });

  test('the suite has the eight spec files that the demo counts', () => {
    expect(globSync('examples/shop-tests/tests/*.spec.ts')).toHaveLength(8);
  });
});
