import { describeJob, symbolOf } from '../client/describe.ts';
import { followUntilCompleted } from '../client/follow.ts';
import { keepLease } from '../client/lease.ts';
import type { Client } from '../contract/client.ts';
import type { Job } from '../contract/job.ts';
import type { Run } from '../contract/run.ts';
import type { Step } from './step.ts';

/** When a run has waited this long, the log says why, and again at most this often. */
const firstReasonMs = 10_000;
const nextReasonMs = 5 * 60_000;

/**
 * Follows a run to its end, over restarts of the server, and says to the server that it does. Each test file gets its line the
 * moment it has ended.
 * @throws the signal's reason when the step is cancelled
 */
export async function follow({ log, signal }: Step, client: Client, id: string): Promise<Run> {
  const told = new Set<string>();
  const waiting = createWaitingWatch(client, log.line);
  const lease = keepLease(client, id);
  try {
    return await followUntilCompleted((query, call) => client.getRun({ params: { id }, query }, call), {
      onChange(run: Run) {
        waiting.look(run.jobs);
        for (const job of run.jobs) {
          if (job.status !== 'completed' || told.has(job.id)) continue;
          told.add(job.id);
          log.line(`${symbolOf(job)} ${job.test_path}  ${describeJob(job)}`);
        }
      },
      onTrouble: (error) =>
        log.line(error ? `${error.message}; waiting for it, the run goes on` : 'The server answers again.'),
      // a large answer's changes are taken in bunches
      pauseMs: (run) => (run.jobs.length > 200 ? 1000 : 50),
      signal,
    });
  } finally {
    clearInterval(lease);
    waiting.end();
  }
}

/** Says now and then why nothing runs. */
function createWaitingWatch(client: Client, say: (text: string) => void) {
  let queued: Job | undefined;
  let timer: NodeJS.Timeout | undefined = setTimeout(tell, firstReasonMs);
  function tell(): void {
    timer = setTimeout(tell, nextReasonMs);
    if (!queued) return;
    client.explainJob({ params: { id: queued.id } }, { retries: 0 }).then(
      ({ body }) => say(`Waiting: ${body.summary}`),
      // nobody misses an explanation that the next one makes up for
      () => {},
    );
  }
  return {
    look(jobs: readonly Job[]) {
      const isIdle = jobs.every((job) => job.status === 'queued' || job.status === 'completed');
      queued = isIdle ? jobs.find((job) => job.status === 'queued') : undefined;
    },
    end() {
      clearTimeout(timer);
    },
  };
}
