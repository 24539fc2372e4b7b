import { expect, test } from 'vitest';
import { annotationsOf } from '../../action/annotations.ts';
import type { Job, TestResult } from '../../contract/job.ts';
import { aJob, anAttempt, aTest, completedRun, reportOf } from '../cli/support/resources.ts';

const failing = (id: string, message: string, over: Partial<TestResult> = {}) =>
  aTest({ id, title: id, title_path: [id], status: 'failed', errors: [{ message }], ...over });

function annotate(tests: TestResult[], over: Partial<Job> = {}, more: Job[] = []) {
  const job = aJob({
    status: 'completed',
    conclusion: 'failed',
    attempts: [anAttempt({ outcome: 'failed' })],
    ...over,
  });
  const run = completedRun({ conclusion: 'failed', jobs: [job, ...more] });
  return annotationsOf(reportOf(run, { [job.id]: tests }), 'apps/e2e');
}

test('of many failures the first of each cause comes before the second of any, ten in all', () => {
  const same = Array.from({ length: 12 }, (_, index) => failing(`same-${index}`, 'Timeout'));
  const shown = annotate([...same, failing('other', 'Locale is wrong')]);
  expect(shown.map(({ title }) => title).slice(0, 3)).toEqual(['same-0', 'other', 'same-1']);
  expect(shown).toHaveLength(10);
});

test('any number of infrastructure failures is one error without a file, and leaves nine for the tests', () => {
  const lost = (['infra_error', 'timed_out', 'timed_out'] as const).map((conclusion, index) =>
    aJob({
      id: `lost-${index}`,
      status: 'completed',
      conclusion,
      reason_code: (['infrastructure', 'queue_timeout', 'no_compatible_device'] as const)[index] ?? null,
      reason: `reason ${index}`,
    }),
  );
  const tests = Array.from({ length: 12 }, (_, index) => failing(`t${index}`, `m${index}`));
  const [first, ...rest] = annotate(tests, {}, lost);
  expect(first).toEqual({
    level: 'error',
    title: 'Infrastructure, not a test',
    message: '3 test files could not be run to an end:\nreason 0\nreason 1\nreason 2',
  });
  expect(rest).toHaveLength(9);
});

test.each([
  ['an absolute path', '/home/agent/x.ts'],
  ["another system's absolute path", 'C:\\agent\\x.ts'],
  ['a dependency', 'node_modules/lib/x.js'],
  ['what lies above the repository', '../../../x.ts'],
])('%s is no place in the repository: the next error, then the test itself is', (_name, file) => {
  const errors = [
    { message: 'm', file, line: 9 },
    { message: 'n', file: '../shared/page.ts', line: 4 },
  ];
  expect(annotate([failing('t', 'm', { errors })])).toMatchObject([{ file: 'apps/shared/page.ts', line: 4 }]);
  const only = annotate([failing('t', 'm', { errors: errors.slice(0, 1) })]);
  expect(only).toMatchObject([{ file: 'apps/e2e/tests/checkout.spec.ts', line: 7 }]);
});

test('messages and titles fit what the runner shows, without colours and half characters', () => {
  const [shown] = annotate([failing('😀'.repeat(300), `\u001b[31m${'😀'.repeat(5000)}`)]);
  expect(shown?.title.length).toBeLessThanOrEqual(255);
  expect(shown?.message.length).toBeLessThanOrEqual(4096);
  expect(`${shown?.title}${shown?.message}`.isWellFormed()).toBe(true);
  expect(shown?.message.startsWith('😀')).toBe(true);
});
