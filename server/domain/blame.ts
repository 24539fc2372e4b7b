import {
  type EndedJob,
  type Failure,
  failureOfTest,
  failuresOf,
  isInfrastructure,
  lastResults,
} from '../../contract/failures.ts';
import type { TestResult } from '../../contract/job.ts';
import type { CheckJob } from './check/view.ts';
import { isFailure } from './counts.ts';
import { quarantineKey } from './quarantine.ts';

/** Who a failure is put down to. `device`: what a test ran on, its agent and the install of the app; nothing else of ours. */
export type Blame = 'test' | 'device' | 'infrastructure';

/** A job as failures are told from it, and what was read of it besides. */
export interface BlamedJob extends EndedJob {
  id: string;
  attempts: CheckJob['attempts'];
}

export interface BlamedFailure extends Failure<BlamedJob> {
  blame: Blame;
  isQuarantined: boolean;
}

/**
 * What went wrong in a run so far, in the order of its jobs; also what quarantine kept from counting, in jobs that passed.
 * `quarantined`: as a view has it.
 */
export function blamedFailures(jobs: readonly CheckJob[], quarantined: ReadonlySet<string>): BlamedFailure[] {
  return jobs.map(asBlamed).flatMap((job) => {
    const excused = job.conclusion === 'passed';
    const failures = excused
      ? lastResults(job.attempts.at(-1)?.tests ?? [])
          .filter(isFailure)
          .map((test) => failureOfTest(job, test))
      : failuresOf({ jobs: [job] });
    return failures.map((failure) => ({
      ...failure,
      blame: blameOf(failure),
      isQuarantined: excused || (failure.test !== null && isQuarantined(quarantined, job.test_path, failure.test)),
    }));
  });
}

/** Whether failures of a test do not count at present. */
export function isQuarantined(quarantined: ReadonlySet<string>, testPath: string, test: TestResult): boolean {
  return quarantined.has(quarantineKey({ testPath, titlePath: test.title_path }));
}

function asBlamed({ job, attempts }: CheckJob): BlamedJob {
  return {
    id: job.id,
    test_path: job.testPath,
    conclusion: job.conclusion,
    reason: job.reason,
    reason_code: job.reasonCode,
    attempts,
  };
}

function blameOf(failure: Failure<BlamedJob>): Blame {
  if (!isInfrastructure(failure)) return 'test';
  const { job } = failure;
  const last = job.attempts.at(-1);
  const onDevice = last?.outcome === 'lost' || last?.install?.result === 'failed' || job.reason_code === 'quarantined';
  return onDevice ? 'device' : 'infrastructure';
}
