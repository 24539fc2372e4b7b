import { countText, estimateText } from '../duration-text.ts';
import type { CheckFindings } from './findings.ts';

/** The verdict in one line of our own words and numbers: far below GitHub's 255 characters. */
export function titleOf(findings: CheckFindings): string {
  const { run, wait, failures } = findings;
  if (run.status !== 'completed' && run.awaitingApproval) return "Waiting for a maintainer's approval";
  switch (run.status) {
    case 'queued': {
      const eta = wait?.etaSeconds == null ? '' : `, starts in ${estimateText(wait.etaSeconds)}`;
      return `Queued: ${countText(run.jobsTotal, 'test file')}${eta}`;
    }
    case 'running': {
      const done = run.jobsTotal - run.jobsQueued - run.jobsActive;
      const failed = failures.filter(({ isQuarantined }) => !isQuarantined).length;
      return `Running: ${done} of ${countText(run.jobsTotal, 'test file')} done${failed > 0 ? `, ${countText(failed, 'failure')} so far` : ''}`;
    }
    case 'completed':
      return verdict(findings);
  }
}

function verdict({ run, jobs, failures }: CheckFindings): string {
  const files = countText(jobs.length, 'test file');
  const ended = jobs.filter(({ job }) => job.conclusion !== 'passed').length;
  const rest = `${ended} of ${files} did not pass`;
  switch (run.conclusion) {
    case 'passed': {
      const flaky = run.counts.flaky > 0 ? `, ${run.counts.flaky} flaky` : '';
      const excused = failures.length > 0 ? `, ${failures.length} failed in quarantine` : '';
      return `Passed: ${countText(run.counts.total, 'test')} in ${files}${flaky}${excused}`;
    }
    case 'failed': {
      const tests = failures.filter((one) => one.blame === 'test' && one.test !== null && !one.isQuarantined).length;
      return tests > 0 ? `Failed: ${tests} of ${countText(run.counts.total, 'test')}` : `Failed: ${rest}`;
    }
    case 'infra_error':
      return `Infrastructure failed, not a test: ${rest}`;
    case 'no_tests':
      return 'No tests were run';
    case 'timed_out':
      return `Timed out: ${rest}`;
    case 'cancelled':
      return `Cancelled: ${rest}`;
    case 'superseded':
      return 'Superseded by a newer run';
    case null:
      return 'Completed';
  }
}
