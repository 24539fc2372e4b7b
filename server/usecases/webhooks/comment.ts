import type { CommentCommand } from '../../domain/github/event.ts';
import { whyNotApproved } from '../../domain/github/pull-request.ts';
import type { Run } from '../../domain/model.ts';
import type { RemotePullRequest } from '../../github/github.ts';
import type { Changes } from '../changes.ts';
import type { Deps } from '../deps.ts';
import { approve } from '../hold.ts';
import { type EventOf, ignore, mayWrite, type Plan, repositoryOf } from './act.ts';
import { lockFamilies, rerun } from './new-attempt.ts';

/** Somebody who may write asked for something in a comment on a pull request; it is about the head it has now. */
export const obeyComment: Plan<'comment'> = async (deps, host, event) => {
  const { repository: where, pullRequest, author, commands } = event;
  const repository = await repositoryOf(deps, host, event);
  if (!repository) return ignore(`The App is not installed on ${where.fullName}.`);
  if (!(await mayWrite(repository, author))) return ignore(`${author} may not write to ${where.fullName}.`);
  const pull = await repository.getPullRequest(pullRequest);
  if (!pull) return ignore(`Pull request #${pullRequest} cannot be seen.`);
  return async (changes) => {
    const why: (string | null)[] = [];
    for (const command of commands) why.push(await obey(deps, changes, host, event, command, pull));
    return why.includes(null) ? null : why.join(' ');
  };
};

async function obey(
  deps: Deps,
  changes: Changes,
  host: string,
  { repository, createdAt, author }: EventOf<'comment'>,
  command: CommentCommand,
  pull: RemotePullRequest,
): Promise<string | null> {
  const { headSha } = pull;
  if (command.name === 'run') {
    const why = whyNotApproved(command, createdAt, pull);
    if (why === null) await approve(deps, changes, { host, repositoryId: repository.id, headSha }, author);
    return why;
  }
  return retryLatest(deps, changes, await lockFamilies(changes, host, repository.id, headSha));
}

/** Runs again what failed in the latest run of a commit that has completed. */
async function retryLatest(deps: Deps, changes: Changes, families: readonly Run[][]): Promise<string | null> {
  const completed = families.flat().filter(({ status }) => status === 'completed');
  const latest = completed.reduce<Run | null>(
    (newest, run) => (newest === null || run.createdAt >= newest.createdAt ? run : newest),
    null,
  );
  if (!latest) return 'No run of the head has completed.';
  const family = families.find((each) => each.includes(latest)) ?? [];
  const active = family.find(({ status }) => status !== 'completed');
  if (active) return `Run ${active.id} is ${active.status} already.`;
  return rerun(deps, changes, latest, { onlyFailed: true });
}
