import { expect, test } from 'vitest';
import { renderJob, renderOutcome, renderRun } from '../../cli/render/run.ts';
import type { Style } from '../../cli/render/style.ts';
import { aJob, completedRun, reportOf } from './support/resources.ts';

const plain: Style = (_, text) => text;
const counts = { total: 2, passed: 2, failed: 0, flaky: 0, skipped: 0 };
const carried = aJob({ status: 'completed', conclusion: 'passed', carried_from: 'job_before', counts });
const ran = aJob({ id: 'job_2', status: 'completed', conclusion: 'passed', counts });
const run = completedRun({ conclusion: 'passed', retry_of: 'run_before', jobs: [carried, ran] });

test('a run says how many of its jobs were carried over, from where, and which', () => {
  const text = renderRun(run, plain);
  expect(text).toMatch(/^jobs: +2 jobs \(1 carried over\)$/m);
  expect(text).toMatch(/^retry of: +run_before$/m);
  expect(text).toContain('passed, earlier, as job_before, 2 tests');
  expect(renderOutcome(reportOf(run), plain)).toContain('passed: 2 jobs (1 carried over), ');
});

test('a run that carried nothing over does not speak of it', () => {
  const text = renderRun(completedRun({ conclusion: 'passed', jobs: [ran] }), plain);
  expect(text).toMatch(/^jobs: +1 job$/m);
  expect(text).not.toMatch(/carried|retry of/);
});

test('a job that was carried over names the one that ran', () => {
  expect(renderJob(carried)).toContain('it passed as job_before and was not run again');
  expect(renderJob(ran)).not.toContain('carried');
});
