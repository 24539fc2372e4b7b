import type { CheckOutput } from '../domain/check/output.ts';
import { type CheckRun, nextPart } from '../domain/check/run.ts';
import type { Installation } from '../domain/github/delivery.ts';
import { type GithubApp, GithubError, type GithubRepository, type RemoteCheckRun } from '../github/github.ts';

/** What is known of a check run at GitHub's, as far as a write got. */
export type Known = Pick<CheckRun, 'remoteId' | 'remoteCompleted' | 'annotationsSent' | 'uncertain'> & {
  installationId: number | null;
};

/** How a write ended. */
export type Written = { known: Known } & (
  | { kind: 'told'; isLast: boolean; sent: boolean }
  /** The App may not write there: nothing to repeat until that changes. */
  | { kind: 'unpostable'; message: string }
  /** GitHub took it for wrong: repeating it would be refused as well. */
  | { kind: 'failed'; message: string }
  /** GitHub wants a pause, ms. */
  | { kind: 'limited'; waitMs: number; message: string }
  | { kind: 'unreached'; message: string }
  /** The installation was another; nothing was written yet. */
  | { kind: 'moved' }
);

export interface WriteTask {
  app: GithubApp;
  check: CheckRun;
  /** The lane's; null: to be looked up. */
  installationId: number | null;
  /** What webhooks told of an installation. */
  installation: (id: number) => Promise<Installation | undefined>;
  output: CheckOutput;
  detailsUrl: string;
  /** Nothing of what is shown has changed since it was last written. */
  isUnchanged: boolean;
  /** Whether there is time for a write before another server may take the lane. */
  mayWrite: () => boolean;
}

const suspended = 'The installation of the App is suspended.';
const notInstalled = 'The App is not installed on this repository.';

/** Tells GitHub the next part of a check run, in one write at most; never rejects over what GitHub says. */
export async function writeCheck(task: WriteTask): Promise<Written> {
  const { remoteId, remoteCompleted, annotationsSent, uncertain } = task.check;
  const known: Known = { remoteId, remoteCompleted, annotationsSent, uncertain, installationId: task.installationId };
  const progress = { isWriting: false };
  try {
    return await attempt(task, known, progress);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    // a refusal says that nothing was done; no answer, and most that begin with 5, say nothing at all
    if (progress.isWriting) known.uncertain = error.status === 0 || error.status >= 500;
    return afterError(task, known, error);
  }
}

async function attempt(task: WriteTask, known: Known, progress: { isWriting: boolean }): Promise<Written> {
  const { app, check, output } = task;
  if (task.isUnchanged && !known.uncertain) return { kind: 'told', isLast: true, sent: false, known };
  if (known.installationId === null) {
    const found = await app.installationOf(check.repository);
    if (!found || found.suspended) return { kind: 'unpostable', message: found ? suspended : notInstalled, known };
    known.installationId = found.id;
  } else if ((await task.installation(known.installationId))?.state === 'suspended') {
    return { kind: 'unpostable', message: suspended, known };
  }
  const repository = app.repository(known.installationId, check.repository, check.repositoryId);
  if (known.uncertain) {
    const remote = await lookUp(repository, check);
    learn(known, remote);
    if (remote && isSaid(remote, output)) return { kind: 'told', isLast: true, sent: false, known };
  }
  const { part, isLast } = nextPart(output, known.annotationsSent);
  if (!task.mayWrite()) return { kind: 'unreached', message: 'There was no time left for the write.', known };
  // GitHub promises nobody that a completed check run opens again: what goes on after all is a new one
  const isNew = known.remoteId === null || (known.remoteCompleted && part.status !== 'completed');
  const { name, headSha, externalId } = check;
  const write = { ...part, name, headSha, externalId, detailsUrl: task.detailsUrl };
  progress.isWriting = true;
  const remote =
    isNew || known.remoteId === null
      ? await repository.createCheckRun(write)
      : await repository.updateCheckRun(known.remoteId, write);
  const annotationsSent = (isNew ? 0 : known.annotationsSent) + part.annotations.length;
  learn(known, remote);
  // what we know GitHub took, should its count lag behind
  known.annotationsSent = Math.max(known.annotationsSent, annotationsSent);
  known.remoteCompleted = part.status === 'completed';
  return { kind: 'told', isLast, sent: true, known };
}

/** What became of a write whose end is not known. */
async function lookUp(repository: GithubRepository, check: CheckRun): Promise<RemoteCheckRun | null> {
  const mayBeNew = check.remoteId === null || check.remoteCompleted;
  if (mayBeNew) {
    const found = await repository.findCheckRuns(check.headSha, check.name);
    const ours = found.find(({ externalId, id }) => externalId === check.externalId && id !== check.remoteId);
    if (ours || check.remoteId === null) return ours ?? null;
  }
  return check.remoteId === null ? null : repository.getCheckRun(check.remoteId);
}

function learn(known: Known, remote: RemoteCheckRun | null): void {
  known.uncertain = false;
  known.remoteId = remote?.id ?? null;
  known.remoteCompleted = remote?.status === 'completed';
  known.annotationsSent = remote?.annotationsCount ?? 0;
}

/** Whether GitHub shows the end already: the write whose answer was lost was the last. */
function isSaid(remote: RemoteCheckRun, output: CheckOutput): boolean {
  return (
    output.status === 'completed' &&
    remote.status === 'completed' &&
    remote.conclusion === output.conclusion &&
    remote.annotationsCount >= output.annotations.length
  );
}

function afterError(
  { installationId }: WriteTask,
  known: Known,
  { status, message, retryAfterMs }: GithubError,
): Written {
  if (retryAfterMs !== null) return { kind: 'limited', waitMs: retryAfterMs, message, known };
  if (status === 0 || status === 401 || status >= 500) return { kind: 'unreached', message, known };
  if (status !== 403 && status !== 404 && status !== 451) return { kind: 'failed', message, known };
  if (installationId === null) return { kind: 'unpostable', message, known };
  // the installation that the lane knew may be gone, and another in its place
  return { kind: 'moved', known: { ...known, installationId: null } };
}
