import type { Run } from '../domain/model.ts';
import type { StoredEvent } from '../store/store.ts';
import { mustSee } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { loadJob } from './load-views.ts';
import type { JobView } from './views.ts';

/** One event may be some megabytes large: this many are in memory at once for each who watches. */
const batchSize = 50;

export interface NextEvents {
  run: Run;
  /** Those that changed after the version the caller has seen, as they are now. */
  jobs: JobView[];
  /** What happened inside jobs after that version, oldest first, not all at once. */
  events: StoredEvent[];
  /** Whether further events wait beyond those. */
  more: boolean;
}

/** What changed in a run after a version. @throws DomainError `not_found` */
export async function nextEvents(deps: Deps, caller: Caller, runId: string, afterVersion: number): Promise<NextEvents> {
  return deps.store.read(async (tx) => {
    const run = mustSee(caller, await tx.runs.find(runId), 'run', runId);
    if (run.version <= afterVersion) return { run, jobs: [], events: [], more: false };
    const jobs: JobView[] = [];
    for (const job of await tx.jobs.ofRunSince(runId, afterVersion)) jobs.push(await loadJob(tx, job, run));
    const events = await tx.results.eventsSince(runId, afterVersion, batchSize);
    return { run, jobs, events, more: events.length === batchSize };
  });
}
