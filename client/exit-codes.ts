import type { Job } from '../contract/job.ts';
import type { ProblemCode } from '../contract/problem.ts';
import type { Conclusion } from '../contract/words.ts';

/** What the command's exit code says; part of the public interface. */
export const exitCodes = {
  passed: 0,
  testFailed: 1,
  usage: 2,
  noTests: 3,
  notAuthorised: 4,
  unreachable: 5,
  noCompatibleDevice: 18,
  cancelled: 19,
  infrastructure: 20,
  timedOut: 124,
  interrupted: 130,
} as const;

const byConclusion: Record<Conclusion, number> = {
  passed: exitCodes.passed,
  failed: exitCodes.testFailed,
  infra_error: exitCodes.infrastructure,
  timed_out: exitCodes.timedOut,
  cancelled: exitCodes.cancelled,
  superseded: exitCodes.cancelled,
  no_tests: exitCodes.noTests,
};

export const failOnChoices = ['tests', 'infra', 'never'] as const;

/** Which outcomes fail the command: `infra` any, `tests` all but infrastructure, `never` only what is no result at all. */
export type FailOn = (typeof failOnChoices)[number];

const forgiven: Record<FailOn, readonly number[]> = {
  infra: [],
  tests: [exitCodes.infrastructure],
  never: [exitCodes.testFailed, exitCodes.noTests, exitCodes.infrastructure, exitCodes.timedOut],
};

/** The exit code of a completed run or job, given the jobs it is made of; 0 while it has not completed. */
export function exitCodeOf(
  whole: { conclusion: Conclusion | null },
  jobs: readonly Pick<Job, 'conclusion' | 'reason_code'>[],
  failOn: FailOn = 'infra',
): number {
  if (whole.conclusion === null) return exitCodes.passed;
  const decisive = jobs.filter((job) => job.conclusion === whole.conclusion);
  const deviceless = decisive.length > 0 && decisive.every((job) => job.reason_code === 'no_compatible_device');
  const code = deviceless ? exitCodes.noCompatibleDevice : byConclusion[whole.conclusion];
  return forgiven[failOn].includes(code) ? exitCodes.passed : code;
}

const byProblem: Partial<Record<ProblemCode, number>> = {
  unauthenticated: exitCodes.notAuthorised,
  forbidden: exitCodes.notAuthorised,
  org_mismatch: exitCodes.notAuthorised,
  nothing_to_retry: exitCodes.noTests,
  limit_exceeded: exitCodes.infrastructure,
  internal: exitCodes.infrastructure,
  storage_full: exitCodes.infrastructure,
  overloaded: exitCodes.unreachable,
  draining: exitCodes.unreachable,
  issuer_unavailable: exitCodes.unreachable,
};

/** The exit code of a refusal by the server: what the caller can change by other arguments is usage. */
export function exitCodeOfProblem(code: ProblemCode): number {
  return byProblem[code] ?? exitCodes.usage;
}
