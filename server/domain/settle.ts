import { lastResults } from '../../contract/failures.ts';
import type { TestError, TestResult } from '../../contract/job.ts';
import type { Conclusion, ReasonCode, ReportedOutcome } from '../../contract/words.ts';
import { isFailure } from './counts.ts';
import type { Job } from './model.ts';
import { plainLine } from './plain-text.ts';
import { failedTests, firstError, interruptedTest, sentence } from './reason.ts';

/** How often a job may be tried again, each cause on its own account; `timeoutSeconds` only names the limit in texts. */
export interface Budgets {
  testRetries: number;
  infraRetries: number;
  /** A job whose agents fell silent this often while running it is quarantined. */
  maxLosses: number;
  timeoutSeconds?: number;
}

/** The counter of the job that rises by one: `testFailures`, `infraFailures` or `losses`. */
type Spent = 'test' | 'infra' | 'loss' | null;

/** What becomes of a job whose attempt has ended. */
export type Settlement =
  | { kind: 'completed'; conclusion: Conclusion; reason: string | null; reasonCode: ReasonCode | null; spends: Spent }
  | { kind: 'requeued'; reason: string; spends: Spent };

/** `excuse`: why its failures do not count; null where they do. */
export interface AttemptReport {
  outcome: ReportedOutcome;
  tests: TestResult[];
  errors: TestError[];
  excuse?: string | null;
}

/**
 * What becomes of a job after the result of an attempt. Failed tests, time limits and crashes spend the test budget,
 * infrastructure its own, and neither the other's; what would end the same way again (a spec that does not load) is
 * never tried again. Failures that are excused fail nothing, and are not tried again. A job whose cancellation was asked for is not tried again either: it passed, or it is cancelled.
 */
export function settle(job: Job, budgets: Budgets, report: AttemptReport): Settlement {
  const { outcome, tests, errors, excuse } = report;
  if (outcome === 'passed' || outcome === 'flaky') return completed('passed', null, null, null);
  if (job.cancelRequested) return cancelled(job);
  switch (outcome) {
    case 'failed': {
      if (excuse) return completed('passed', excuse, 'failures_quarantined', null);
      const last = lastResults(tests).filter(isFailure);
      const allTimedOut = last.length > 0 && last.every((test) => test.status === 'timed_out');
      const code = allTimedOut ? 'test_timed_out' : 'test_failed';
      return spendTest(job, budgets, 'failed', failedTests(tests, errors), code);
    }
    case 'timed_out':
      return spendTest(job, budgets, 'timed_out', timeLimit(budgets, report), 'job_timeout');
    case 'crashed':
      return spendTest(
        job,
        budgets,
        'failed',
        sentence('The runner crashed', firstError(errors) ?? interruptedTest(tests)),
        'crashed',
      );
    case 'load_error':
      return completed('failed', sentence('The spec does not load', firstError(errors)), 'load_error', null);
    case 'config_error':
      return completed('failed', sentence('The project cannot be run', firstError(errors)), 'config_error', null);
    case 'no_tests':
      return completed('no_tests', `The runner found no tests in ${job.testPath}.`, 'no_tests', null);
    case 'infra_error':
      return spendInfra(job, budgets, sentence('The infrastructure failed', firstError(errors) ?? failure(tests)));
    case 'cancelled':
      return { kind: 'requeued', reason: 'The agent stopped before the job was done.', spends: null };
  }
}

/**
 * What becomes of a job whose agent fell silent until the lease ran out. Before the runner started the job cannot be to
 * blame, and nothing is spent. `agents`: names of all that were lost with it so far, this one last.
 */
export function settleLost(job: Job, budgets: Budgets, agents: readonly string[], started: boolean): Settlement {
  if (job.cancelRequested) return cancelled(job);
  const agent = plainLine(agents.at(-1) ?? '', 128) || 'unnamed';
  if (!started) {
    return { kind: 'requeued', reason: `Agent ${agent} fell silent before it started the job.`, spends: null };
  }
  const losses = job.losses + 1;
  if (losses < budgets.maxLosses) {
    const reason = `Agent ${agent} fell silent while it ran the job (${losses} of ${budgets.maxLosses} before quarantine).`;
    return { kind: 'requeued', reason, spends: 'loss' };
  }
  const names = plainLine([...new Set(agents)].join(', '), 200);
  const reason = `Quarantined: ${times(losses)} an agent fell silent while it ran the job (${names}); the test may be what kills it.`;
  return completed('infra_error', reason, 'quarantined', 'loss');
}

function spendTest(
  job: Job,
  budgets: Budgets,
  conclusion: Conclusion,
  reason: string,
  reasonCode: ReasonCode,
): Settlement {
  if (job.testFailures >= budgets.testRetries) return completed(conclusion, reason, reasonCode, 'test');
  return { kind: 'requeued', reason: retry(job.testFailures, budgets.testRetries, reason), spends: 'test' };
}

function spendInfra(job: Job, budgets: Budgets, reason: string): Settlement {
  if (job.infraFailures >= budgets.infraRetries) return completed('infra_error', reason, 'infrastructure', 'infra');
  return { kind: 'requeued', reason: retry(job.infraFailures, budgets.infraRetries, reason), spends: 'infra' };
}

function retry(spent: number, budget: number, reason: string): string {
  return `Retry ${spent + 1} of ${budget}. ${reason}`;
}

/** Whoever asked for the cancellation left the reason on the job; without one it was a user. */
function cancelled(job: Job): Settlement {
  const code = job.reasonCode;
  if (code === 'superseded') return completed('superseded', job.reason ?? 'A newer run took its place.', code, null);
  if (code === 'client_left') return completed('cancelled', job.reason ?? 'Its client left.', code, null);
  return completed('cancelled', job.reason ?? 'Cancelled on request.', 'cancelled_by_user', null);
}

function completed(
  conclusion: Conclusion,
  reason: string | null,
  reasonCode: ReasonCode | null,
  spends: Spent,
): Settlement {
  return { kind: 'completed', conclusion, reason, reasonCode, spends };
}

function timeLimit({ timeoutSeconds }: Budgets, { tests, errors }: AttemptReport): string {
  const limit = timeoutSeconds === undefined ? '' : ` of ${timeoutSeconds} s`;
  const detail = firstError(errors) ?? interruptedTest(tests);
  return sentence(`The job's time limit${limit} (timeout_seconds) ran out`, detail);
}

function failure(tests: readonly TestResult[]): string | null {
  return lastResults(tests).some(isFailure) ? failedTests(tests, []) : null;
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`;
}
