import type { ByteStream } from '../../contract/route.ts';
import type { Caller, Deps } from '../usecases/deps.ts';
import { type NextEvents, nextEvents } from '../usecases/next-events.ts';
import { presentJob, presentRunSummary } from './present.ts';

/** Sooner than any proxy gives up on a silent connection. */
const heartbeatMs = 15_000;

interface Watch {
  deps: Deps;
  caller: Caller;
  runId: string;
  publicUrl: string;
  /** Aborts when nobody watches any more. */
  signal: AbortSignal;
}

/**
 * What happens in a run from a version on, as server-sent events: `run`, `job`, `test` and `device` with the run's version as
 * their id, and `log` without one. Ends after the run has completed. Each look takes what is new then, at the reader's
 * pace: for a slow reader changes fall together, and nothing is kept for it.
 * @throws DomainError `not_found`, before the stream begins
 */
export async function watchRun(watch: Watch, afterVersion: number): Promise<ByteStream> {
  await nextEvents(watch.deps, watch.caller, watch.runId, afterVersion);
  return follow(watch, afterVersion);
}

async function* follow(watch: Watch, afterVersion: number): ByteStreamGenerator {
  const { deps, caller, runId, publicUrl, signal } = watch;
  const encoder = new TextEncoder();
  const logs = createLogWatch(deps);
  let seen = afterVersion;
  yield encoder.encode('retry: 1000\n\n');
  while (!signal.aborted) {
    // listens before it looks, so that no change falls between the two
    const changed = deps.signals.untilRunChanges(runId, heartbeatMs, signal);
    const batch = completeBatch(await nextEvents(deps, caller, runId, seen), seen);
    const frames = [...framesOf(batch, publicUrl), ...(await logs.look(batch))];
    seen = batch.upTo;
    if (frames.length > 0) yield encoder.encode(frames.join(''));
    if (batch.more) continue;
    if (batch.run.status === 'completed') return;
    if (!(await changed) && !signal.aborted) yield encoder.encode(': still here\n\n');
  }
}

type ByteStreamGenerator = AsyncGenerator<Uint8Array, void, void>;

type Batch = NextEvents & {
  afterVersion: number;
  /** Everything up to this version is in the batch or was before it. */
  upTo: number;
  more: boolean;
};

/** Where the events were cut, jobs that changed later wait for the next batch: ids must rise, or a resume would skip some. */
function completeBatch(next: NextEvents, afterVersion: number): Batch {
  const last = next.events.at(-1);
  if (!next.more || !last) {
    return { ...next, afterVersion, upTo: Math.max(afterVersion, next.run.version), more: false };
  }
  const jobs = next.jobs.filter(({ job }) => job.version <= last.version);
  return { ...next, jobs, afterVersion, upTo: last.version, more: true };
}

function framesOf({ run, jobs, events, afterVersion, more }: Batch, publicUrl: string): string[] {
  const items = [
    ...jobs.map((view) => ({ version: view.job.version, type: 'job', data: presentJob(view) as unknown })),
    ...events,
  ].sort((a, b) => a.version - b.version);
  // the run's event closes its version: whoever is cut off just before it is told that version again
  const frames = items.map(({ version, type, data }) => frame(type, data, version < run.version ? version : undefined));
  // one who resumes at the very end is told again that it is the end
  const isNews = run.version > afterVersion || run.status === 'completed';
  if (isNews && !more) frames.push(frame('run', presentRunSummary(run, publicUrl), run.version));
  return frames;
}

function frame(type: string, data: unknown, version?: number): string {
  const id = version === undefined ? '' : `id: ${version}\n`;
  return `${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Tells how far the logs of jobs have grown; logs are no part of a run's version. */
function createLogWatch({ logs }: Pick<Deps, 'logs'>) {
  const active = new Map<string, { attempt: number; size: number }>();
  return {
    async look({ jobs }: Batch): Promise<string[]> {
      const ended: string[] = [];
      for (const { job } of jobs) {
        const isHeld = job.leaseId !== null;
        if (isHeld && active.get(job.id)?.attempt !== job.attempts)
          active.set(job.id, { attempt: job.attempts, size: 0 });
        if (!isHeld) ended.push(job.id);
      }
      const frames: string[] = [];
      for (const [id, log] of active) {
        const size = await logs.size(id, log.attempt);
        if (size > log.size) frames.push(frame('log', { job_id: id, attempt: log.attempt, size }));
        log.size = size;
      }
      for (const id of ended) active.delete(id);
      return frames;
    },
  };
}
