import type { Run } from '../model.ts';
import type { CommentCommand } from './event.ts';

/** A pull request as GitHub has it now. */
interface PullRequest {
  number: number;
  state: 'open' | 'closed';
  headSha: string;
  updatedAt: number;
}

/** A run whose results nobody needs any more, and how it is to end. */
export interface Unneeded {
  runId: string;
  conclusion: 'cancelled' | 'superseded';
  reason: string;
}

/** GitHub's instants count seconds. */
const secondMs = 1_000;

/** Whether GitHub's answer is older than a webhook it sent before: one of its replicas lags behind. */
export function isStale(pull: PullRequest, toldAt: number): boolean {
  return pull.updatedAt + secondMs <= toldAt;
}

/**
 * The runs that a pull request has no use for: all once it is closed, and those of another commit than its head.
 * @param pull as it was read after `runs`, so that none of them can be of a head it did not have yet
 */
export function unneededRuns(
  pull: PullRequest,
  runs: readonly Pick<Run, 'id' | 'headSha' | 'github' | 'status'>[],
): Unneeded[] {
  const ofPull = runs.filter(({ github, status }) => github?.pull_request === pull.number && status !== 'completed');
  if (pull.state === 'closed') {
    const reason = `Pull request #${pull.number} was closed.`;
    return ofPull.map(({ id }) => ({ runId: id, conclusion: 'cancelled', reason }));
  }
  const reason = `Pull request #${pull.number} has a newer commit: ${pull.headSha.slice(0, 12)}.`;
  return ofPull
    .filter(({ headSha }) => headSha !== null && headSha !== pull.headSha)
    .map(({ id }) => ({ runId: id, conclusion: 'superseded', reason }));
}

/**
 * Why `/qgjob run` does not approve the pull request's head; null: it does. Whoever approves has to have seen the very commit:
 * without one named in the comment, nothing may have changed after it, for that may have been a push.
 */
export function whyNotApproved(
  { sha }: Extract<CommentCommand, { name: 'run' }>,
  commentedAt: number,
  pull: PullRequest,
): string | null {
  if (pull.state === 'closed') return `Pull request #${pull.number} is closed.`;
  const head = pull.headSha.slice(0, 12);
  if (sha !== null) return pull.headSha.startsWith(sha) ? null : `The head is ${head}, not ${sha}.`;
  if (pull.updatedAt < commentedAt + secondMs) return null;
  return `Pull request #${pull.number} changed after the comment. Look at its head ${head} and comment again.`;
}
