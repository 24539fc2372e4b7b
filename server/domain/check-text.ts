import { mostDifferent } from '../../contract/failures.ts';
import { codeBlock, fitSections, inlineCode } from '../../contract/markdown.ts';
import type { CheckFindings } from './check-findings.ts';
import { moreLink, sourceLink } from './check-links.ts';

/** What GitHub takes for a check run's text and summary, each, in bytes of UTF-8. */
export const mostBytes = 65_535;
/** A failure takes more than 66 bytes, so that more of them never fit: the rest need not be rendered. */
const mostFailures = 1000;

/** The messages of all failures, those of different causes first; empty when there is none. */
export function tellMessages(findings: CheckFindings): string {
  const failures = mostDifferent(findings.failures).slice(0, mostFailures);
  const sections = failures.map((failure) => {
    const message = failure.message.trim() || failure.job.reason || 'There is no message.';
    const device = failure.job.attempts.at(-1)?.device;
    const place = `${sourceLink(findings, failure)}${device === undefined ? '' : ` on ${inlineCode(device, 60)}`}`;
    return `**${inlineCode(failure.title, 300)}**, at ${place}\n\n${codeBlock(message)}`;
  });
  return fitSections(sections, mostBytes, moreLink(findings));
}
