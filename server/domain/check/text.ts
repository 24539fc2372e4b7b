import { codeBlock, fitSections, inlineCode, utf8Bytes } from '../../../contract/markdown.ts';
import type { CheckFindings } from './findings.ts';
import { moreLink, sourceLink } from './links.ts';

/** What GitHub takes for a check run's text and summary, each, in bytes of UTF-8. */
export const mostBytes = 65_535;
/** The messages of all failures, those of different causes first; empty when there is none. */
export function tellMessages(findings: CheckFindings): string {
  const sections: string[] = [];
  let bytes = 0;
  for (const failure of findings.failures) {
    const message = failure.message.trim() || failure.job.reason || 'There is no message.';
    const device = failure.job.attempts.at(-1)?.device;
    const place = `${sourceLink(findings, failure)}${device === undefined ? '' : ` on ${inlineCode(device, 60)}`}`;
    const section = `**${inlineCode(failure.title, 300)}**, at ${place}\n\n${codeBlock(message)}`;
    sections.push(section);
    bytes += utf8Bytes(section);
    // messages may be many and long: what cannot fit any more need not be rendered
    if (bytes > mostBytes) break;
  }
  return fitSections(sections, mostBytes, moreLink(findings));
}
