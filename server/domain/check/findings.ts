import { mostDifferent } from '../../../contract/failures.ts';
import type { TestResult } from '../../../contract/job.ts';
import { type BlamedFailure, blamedFailures, isQuarantined } from '../blame.ts';
import { flakyTests } from '../counts.ts';
import { quarantineKey } from '../quarantine.ts';
import type { CheckJob, CheckView } from './view.ts';

/** A view with what its jobs come to, worked out once. */
export interface CheckFindings extends CheckView {
  /** Those of different causes before repetitions of one. */
  failures: readonly BlamedFailure[];
  flaky: readonly FlakyTest[];
}

/** A test that failed and passed when it was tried again, by the runner or in a further attempt of its job. */
export interface FlakyTest {
  job: CheckJob['job'];
  test: TestResult;
  isQuarantined: boolean;
  /** How often it is flaky of late, 0 to 1; null when that is not known. */
  rate: number | null;
}

/** What went wrong in a run so far, most telling first, and what was flaky, in the order of its jobs. */
export function findingsOf(view: CheckView): CheckFindings {
  const flaky = view.jobs.flatMap(({ job, attempts }) =>
    flakyTests(attempts).map((test) => ({
      job,
      test,
      isQuarantined: isQuarantined(view.quarantined, job.testPath, test),
      rate: view.flakyRates?.get(quarantineKey({ testPath: job.testPath, titlePath: test.title_path })) ?? null,
    })),
  );
  return { ...view, failures: mostDifferent(blamedFailures(view.jobs, view.quarantined)), flaky };
}
