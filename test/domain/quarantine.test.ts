import { expect, test } from 'vitest';
import type { TestResult } from '../../contract/job.ts';
import { excuse, type Quarantine } from '../../server/domain/quarantine.ts';

const result = (title: string, status: TestResult['status'], retry = 0): TestResult => ({
  id: title,
  title,
  title_path: ['suite', title],
  file: 'a.spec.ts',
  line: 1,
  status,
  retry,
  duration_ms: 1,
  errors: [],
  attachments: [],
});
const of = (title: string, over: Partial<Quarantine> = {}): Quarantine => ({
  id: title,
  orgId: 'acme',
  repositoryId: 1,
  testPath: 'a.spec.ts',
  titlePath: ['suite', title],
  until: 100,
  by: 'grace',
  fromRunId: 'run',
  createdAt: 0,
  ...over,
});
const why = (tests: TestResult[], quarantines: Quarantine[], errors: { message: string }[] = [], now = 50) =>
  excuse('a.spec.ts', { tests, errors }, quarantines, now);

test('a failed attempt is excused when every test that failed is quarantined', () => {
  expect(why([result('x', 'failed'), result('y', 'passed')], [of('x')])).toContain(
    'suite > x until 1970-01-01, by grace',
  );
  expect(why([result('x', 'failed'), result('y', 'timed_out')], [of('x'), of('y')])).toContain('All 2 tests');
});

test('one other failure, or an error of no test, is enough not to be excused', () => {
  expect(why([result('x', 'failed'), result('y', 'failed')], [of('x')])).toBeNull();
  expect(why([result('x', 'failed')], [of('x')], [{ message: 'the worker died' }])).toBeNull();
  expect(why([result('x', 'passed')], [of('x')])).toBeNull();
  expect(why([], [of('x')])).toBeNull();
});

test('a quarantine that is over, or of another file or title, excuses nothing', () => {
  const tests = [result('x', 'failed')];
  expect(why(tests, [of('x')], [], 100)).toBeNull();
  expect(why(tests, [of('x', { testPath: 'b.spec.ts' })])).toBeNull();
  expect(why(tests, [of('x', { titlePath: ['suite > x'] })])).toBeNull();
});

test('a test that passed in the end has not failed', () => {
  expect(why([result('x', 'failed'), result('x', 'passed', 1), result('y', 'failed')], [of('y')])).not.toBeNull();
});
