import type { CheckFindings } from './findings.ts';
import type { CheckAction } from './output.ts';

const rerunFailed: CheckAction = {
  identifier: 'rerun_failed',
  label: 'Re-run failed',
  description: 'Run again what did not pass',
};
const rerunAll: CheckAction = {
  identifier: 'rerun_other',
  label: 'Run all again',
  description: 'Run every test file again',
};
const quarantine: CheckAction = {
  identifier: 'quarantine',
  label: 'Quarantine tests',
  description: 'Failed tests count no more for 14 days',
};

/** The buttons of a completed run, those that would do something: GitHub shows none before. */
export function offerActions({ run, jobs, failures }: CheckFindings): CheckAction[] {
  // a newer run took the place of a superseded one: its buttons are the ones to press
  if (run.status !== 'completed' || run.conclusion === 'superseded') return [];
  const passed = jobs.filter(({ job }) => job.conclusion === 'passed').length;
  const suspects = failures.some(
    ({ blame, test, isQuarantined }) => blame === 'test' && test !== null && !isQuarantined,
  );
  return [
    // where nothing passed, that would be all
    ...(passed > 0 && passed < jobs.length ? [rerunFailed] : []),
    rerunAll,
    ...(suspects ? [quarantine] : []),
  ];
}
