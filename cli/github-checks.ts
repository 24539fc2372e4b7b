import { plainLine } from '../client/plain-text.ts';
import type { GithubFinding } from '../contract/github.ts';
import type { Check } from './render/check.ts';

/** What the server found out about its GitHub Apps, as lines of doctor. */
export function findingChecks(findings: readonly GithubFinding[]): Check[] {
  return findings.map(({ host, check, ok, detail, advice }) => ({
    name: [host === null ? 'github' : plainLine(host), check.replace('_', ' ')].join(' '),
    ok,
    detail: plainLine(detail),
    ...(advice === null ? {} : { advice: plainLine(advice) }),
  }));
}
