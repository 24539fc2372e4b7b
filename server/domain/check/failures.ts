import { inlineCode } from '../../../contract/markdown.ts';
import type { Blame, BlamedFailure } from '../blame.ts';
import { hintIn } from '../blame-matrix.ts';
import type { CheckFindings } from './findings.ts';
import { jobLink, runUrl, sourceLink } from './links.ts';
import { tableThatFits } from './table.ts';

const headings: Record<Blame, string> = {
  test: 'Failed tests',
  device: 'Failed devices, not tests',
  infrastructure: 'Failed infrastructure, not tests',
};

/** What went wrong, by who is to blame for it, within so many bytes. Failures that are quarantined are told elsewhere. */
export function describeFailures(findings: CheckFindings, maxBytes: number): string[] {
  const counting = findings.failures.filter(({ isQuarantined }) => !isQuarantined);
  const groups = Map.groupBy(counting, ({ blame }) => blame);
  return (['test', 'device', 'infrastructure'] as const).flatMap((blame) => {
    const failures = groups.get(blame) ?? [];
    if (failures.length === 0) return [];
    const heading = `### ${headings[blame]} (${failures.length})`;
    const rows = failures.slice(0, 200).map((failure) => row(findings, failure));
    // rows that are not rendered are counted all the same
    const unseen = failures.length - rows.length;
    const table = tableThatFits(
      ['What', 'Where', 'Message', 'Device'],
      rows,
      maxBytes / groups.size - heading.length - 4,
      (left) => andMore(findings, left + unseen),
    );
    return [heading, table];
  });
}

/** `and 3 more: [the whole run](…)`. */
export function andMore(findings: CheckFindings, left: number): string {
  return `and ${left} more: [the whole run](${runUrl(findings, findings.run.id)})`;
}

function row(findings: CheckFindings, failure: BlamedFailure): string[] {
  const device = failure.job.attempts.at(-1)?.device;
  const message = failure.blame === 'test' ? failure.message : (failure.job.reason ?? failure.message);
  const told = failure.blame === 'test' ? hintIn(failure.job.reason) : null;
  const hint = told === null ? [] : [inlineCode(told, 300)];
  return [
    jobLink(findings, failure.job.id, failure.title),
    sourceLink(findings, failure),
    [inlineCode(message.trim().split('\n', 1)[0] ?? ''), ...hint].join(' '),
    device === undefined ? '' : inlineCode(device, 60),
  ];
}
