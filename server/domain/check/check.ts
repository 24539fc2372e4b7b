import { offerActions } from './actions.ts';
import { annotate } from './annotations.ts';
import { findingsOf } from './findings.ts';
import type { CheckOutput } from './output.ts';
import { summarise } from './summary.ts';
import { tellMessages } from './text.ts';
import { titleOf } from './title.ts';
import type { CheckView } from './view.ts';

/**
 * What a check run shows of a run: the same view gives the same output, whatever the time. Every limit of GitHub's is kept,
 * in bytes where GitHub counts bytes, and no text from outside is ever active Markdown.
 *
 * A run that waits for approval is `completed` with `action_required`, since GitHub knows that as a conclusion only. Once it
 * is approved it is `queued`: whoever publishes makes a new check run then, for GitHub does not promise that a completed one
 * can be opened again, and of one name on one commit it shows the newest.
 */
export function renderCheck(view: CheckView): CheckOutput {
  const findings = findingsOf(view);
  return {
    ...stateOf(view),
    title: titleOf(findings),
    summary: summarise(findings),
    text: tellMessages(findings),
    // GitHub only ever adds annotations, so there are none before they are final
    annotations: view.run.status === 'completed' ? annotate(findings) : [],
    actions: offerActions(findings),
  };
}

const statuses = { queued: 'queued', running: 'in_progress', completed: 'completed' } as const;

const conclusions = {
  passed: 'success',
  failed: 'failure',
  infra_error: 'failure',
  no_tests: 'failure',
  timed_out: 'timed_out',
  cancelled: 'cancelled',
  superseded: 'cancelled',
} as const;

function stateOf({ run }: CheckView): Pick<CheckOutput, 'status' | 'conclusion' | 'startedAt' | 'completedAt'> {
  const { startedAt, completedAt } = run;
  if (run.status !== 'completed' && run.awaitingApproval) {
    return { status: 'completed', conclusion: 'action_required', startedAt, completedAt };
  }
  const conclusion = run.conclusion === null ? null : conclusions[run.conclusion];
  return { status: statuses[run.status], conclusion, startedAt, completedAt };
}
