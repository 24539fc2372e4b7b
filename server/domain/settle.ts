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
  installRetries: number;
  timeoutRetries: number;
  /** A job whose agents fell silent this often while running it is quarantined. */
  maxLosses: number;
  timeoutSeconds?: number;
}

/** Each kind of failure spends a budget of its own. */
export type FailureClass = 'test' | 'infrastructure' | 'install' | 'timeout' | 'lost';

/** Which counter of a job counts which kind. */
export const counters = {
  test: 'testFailures',
  infrastructure: 'infraFailures',
  install: 'installFailures',
  timeout: 'timeouts',
  lost: 'losses',
} as const satisfies Record<FailureClass, keyof Job>;

/** What an attempt took of the job's budgets: with it `spent` of the `budget` failures of its class that end no job. */
export type Spent = { class: FailureClass; spent: number; budget: number } | null;

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
  /** The app could not be put on the device. */
  installFailed?: boolean;
}

/**
 * What becomes of a job after the result of an attempt. Failed tests, time limits, installs and other infrastructure each spend
 * a budget of their own, and none another's. A runner that crashed has said nothing of its tests: only another device tells
 * whether the machine was to blame, so it spends the infrastructure's, and is the test's failure once that is spent. What would
 * end the same way again (a spec that does not load) is never tried again, nor are failures that are excused, nor a job whose
 * cancellation was asked for: it passed, or it is cancelled.
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
      return spend('test', job, budgets, 'failed', failedTests(tests, errors), code);
    }
    case 'timed_out':
      return spend('timeout', job, budgets, 'timed_out', timeLimit(budgets, report), 'job_timeout');
    case 'crashed':
      return spend(
        'infrastructure',
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
      return spend(
        report.installFailed ? 'install' : 'infrastructure',
        job,
        budgets,
        'infra_error',
        sentence(
          report.installFailed ? 'The app could not be installed' : 'The infrastructure failed',
          firstError(errors) ?? failure(tests),
        ),
        'infrastructure',
      );
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
  const spends = { class: 'lost', spent: losses, budget: budgets.maxLosses - 1 } as const;
  if (losses < budgets.maxLosses) {
    const reason = `Agent ${agent} fell silent while it ran the job (${losses} of ${budgets.maxLosses} before quarantine).`;
    return { kind: 'requeued', reason, spends };
  }
  const names = plainLine([...new Set(agents)].join(', '), 200);
  const reason = `Quarantined: ${times(losses)} an agent fell silent while it ran the job (${names}); the test may be what kills it.`;
  return completed('infra_error', reason, 'quarantined', spends);
}

function spend(
  kind: Exclude<FailureClass, 'lost'>,
  job: Job,
  budgets: Budgets,
  conclusion: Conclusion,
  reason: string,
  reasonCode: ReasonCode,
): Settlement {
  const budget = budgetOf(kind, budgets);
  const spent = job[counters[kind]] + 1;
  const spends = { class: kind, spent, budget };
  if (spent > budget) return completed(conclusion, reason, reasonCode, spends);
  return { kind: 'requeued', reason: `Retry ${spent} of ${budget}. ${reason}`, spends };
}

function budgetOf(kind: Exclude<FailureClass, 'lost'>, budgets: Budgets): number {
  switch (kind) {
    case 'test':
      return budgets.testRetries;
    case 'timeout':
      return budgets.timeoutRetries;
    case 'install':
      return budgets.installRetries;
    case 'infrastructure':
      return budgets.infraRetries;
  }
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
