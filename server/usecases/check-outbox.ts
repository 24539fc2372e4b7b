import type { CheckRun } from '../domain/check/run.ts';
import { urgencies } from '../domain/check/run.ts';
import type { Run } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';

const defaultHost = 'github.com';
const defaultName = 'qgjob';

/** Whether GitHub is told of a run: it says of which commit it is, and this server has an App on that host. */
export function isPosted({ github }: Pick<Deps, 'github'>, run: Run): boolean {
  if (run.github === null || run.headSha === null || run.repositoryId === null) return false;
  return github.app(run.github.host ?? defaultHost) !== undefined;
}

/** Puts a new run's check run into the outbox, in the unit of work that makes the run. Does nothing for one that is not posted. */
export async function openCheckRun(deps: Pick<Deps, 'github'>, tx: Tx, run: Run): Promise<void> {
  if (!isPosted(deps, run)) return;
  const { github, headSha, repositoryId } = run;
  if (github === null || headSha === null || repositoryId === null) return;
  const check: CheckRun = {
    runId: run.id,
    host: github.host ?? defaultHost,
    owner: (github.repository.split('/')[0] ?? '').toLowerCase(),
    repository: github.repository,
    repositoryId,
    headSha,
    name: github.check_name ?? defaultName,
    externalId: `${run.id}:${run.attempt}`,
    createdAt: run.createdAt,
    remoteId: null,
    remoteCompleted: false,
    state: 'open',
    urgency: urgencies.state,
    dueAt: run.createdAt,
    notBefore: 0,
    attempts: 0,
    generation: 1,
    uncertain: false,
    takenAt: null,
    publishedHash: null,
    annotationsSent: 0,
    lastError: null,
  };
  await tx.checks.insert(check);
}
