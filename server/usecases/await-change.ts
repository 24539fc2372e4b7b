import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { getJob } from './get-job.ts';
import { getRun } from './get-run.ts';
import type { JobView, RunView } from './views.ts';

export interface Wait {
  /** What the caller has seen; undefined to be told at once. */
  afterVersion: number | undefined;
  waitMs: number;
}

/** A run, as soon as it is newer than the version the caller has seen, or when the time is up. @throws DomainError `not_found` */
export async function awaitRun(
  deps: Deps,
  caller: Caller,
  id: string,
  { afterVersion, waitMs }: Wait,
  signal: AbortSignal,
): Promise<RunView> {
  const version = () =>
    deps.store.read(async (tx) => mustSee(caller, await tx.runs.find(id), 'run', id)).then((run) => run.version);
  await untilNewer(deps, id, version, afterVersion, waitMs, signal);
  return getRun(deps, caller, id);
}

/** The same for a job. */
export async function awaitJob(
  deps: Deps,
  caller: Caller,
  id: string,
  { afterVersion, waitMs }: Wait,
  signal: AbortSignal,
): Promise<JobView> {
  const find = () => deps.store.read(async (tx) => mustSee(caller, await tx.jobs.find(id), 'job', id));
  const { runId } = await find();
  await untilNewer(deps, runId, async () => (await find()).version, afterVersion, waitMs, signal);
  return getJob(deps, caller, id);
}

/** Listens before it looks, so that no change falls between the two. */
async function untilNewer(
  deps: Deps,
  runId: string,
  version: () => Promise<number>,
  afterVersion: number | undefined,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (afterVersion === undefined || waitMs <= 0) return;
  const deadline = performance.now() + waitMs;
  for (;;) {
    const listening = new AbortController();
    const heard = deps.signals.untilRunChanges(
      runId,
      deadline - performance.now(),
      AbortSignal.any([signal, listening.signal]),
    );
    const newer = await version().then(
      (now) => now > afterVersion,
      (error) => {
        listening.abort();
        throw error;
      },
    );
    if (newer) {
      listening.abort();
      return;
    }
    if (!(await heard)) return;
  }
}
