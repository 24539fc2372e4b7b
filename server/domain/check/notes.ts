import { fullTitle } from '../../../contract/failures.ts';
import { inlineCode } from '../../../contract/markdown.ts';
import { countText } from '../duration-text.ts';
import { flakyText } from '../flakiness.ts';
import { andMore } from './failures.ts';
import type { CheckFindings } from './findings.ts';
import { jobLink, runUrl, sourceLink } from './links.ts';
import { tableThatFits } from './table.ts';

/** Each of these stays short, so that what went wrong has room. */
const mostNoteBytes = 8000;

/** Tests that failed, and passed when they were tried again. */
export function describeFlaky(findings: CheckFindings): string[] {
  const rows = findings.flaky.map(({ job, test, rate }) => [
    jobLink(findings, job.id, fullTitle(test)),
    sourceLink(findings, test),
    flakyText(rate),
  ]);
  return note(findings, `### Flaky: failed, then passed (${rows.length})`, ['Test', 'Where', 'How often'], rows);
}

/** Failures of tests that are quarantined. */
export function describeQuarantined(findings: CheckFindings): string[] {
  const failures = findings.failures.filter(({ isQuarantined }) => isQuarantined);
  const rows = failures.map((failure) => [
    jobLink(findings, failure.job.id, failure.title),
    sourceLink(findings, failure),
    inlineCode(failure.message.trim().split('\n', 1)[0] ?? ''),
  ]);
  return note(findings, `### Failed in quarantine (${rows.length})`, ['Test', 'Where', 'Message'], rows);
}

/** Test files that passed in an earlier run and were not run again, with that run. */
export function describeCarried(findings: CheckFindings): string[] {
  const carried = findings.jobs.filter(({ job }) => job.carriedFrom !== null);
  const rows = carried.map(({ job, carriedFromRun }) => [
    jobLink(findings, job.id, job.testPath),
    countText(job.counts.total, 'test'),
    carriedFromRun === null ? '' : `[${carriedFromRun}](${runUrl(findings, carriedFromRun)}#${job.carriedFrom})`,
  ]);
  const heading = `### Not run again: passed before (${rows.length} of ${countText(findings.jobs.length, 'test file')})`;
  return note(findings, heading, ['Test file', 'Tests', 'Passed in'], rows);
}

function note(findings: CheckFindings, heading: string, head: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  return [heading, tableThatFits(head, rows, mostNoteBytes, (left) => andMore(findings, left))];
}
