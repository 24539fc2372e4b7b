import type { Client } from '../contract/client.ts';
import type { Job } from '../contract/job.ts';
import type { Run } from '../contract/run.ts';
import type { Cli } from './cli.ts';
import { followUntilCompleted } from './follow.ts';
import { plainLine } from './render/plain.ts';
import type { Progress } from './render/progress.ts';

/** A run that nobody waits for is cancelled after this long, when its submitter said it would wait. */
export const clientLeaseSeconds = 120;

const cancelWithinMs = 5000;

export interface WaitOptions {
  progress: Progress;
  signal: AbortSignal;
  /** Whether this client has promised to wait, and keeps saying that it does. */
  leased?: boolean;
}

/** Waits for a run, showing its jobs as they go on. @throws the signal's reason when interrupted. */
export async function waitForRun(client: Client, id: string, options: WaitOptions): Promise<Run> {
  const { progress, signal } = options;
  const renewing = options.leased ? keepLease(client, id) : undefined;
  try {
    return await followUntilCompleted((query, call) => client.getRun({ params: { id }, query }, call), {
      onChange: (run: Run) => progress.show(run.jobs),
      onTrouble: (error) => progress.say(trouble(error)),
      pauseMs: (run) => (run.jobs.length > 200 ? 1000 : 50),
      signal,
    });
  } finally {
    clearInterval(renewing);
  }
}

/** Waits for one job, as `waitForRun` does for a run. */
export async function waitForJob(client: Client, id: string, { progress, signal }: WaitOptions): Promise<Job> {
  return followUntilCompleted((query, call) => client.getJob({ params: { id }, query }, call), {
    onChange: (job: Job) => progress.show([job]),
    onTrouble: (error) => progress.say(trouble(error)),
    pauseMs: () => 50,
    signal,
  });
}

/** Cancels a run that its user gave up, and says how that went; takes five seconds at most. */
export async function cancelAbandoned(cli: Cli, client: Client, id: string): Promise<void> {
  try {
    await client.cancelRun(
      { params: { id } },
      { signal: AbortSignal.timeout(cancelWithinMs), idempotencyKey: `stop-${id}` },
    );
    cli.note(`Cancelled ${id}.`);
  } catch {
    cli.note(`The server did not confirm that ${id} is cancelled; it will be when this client's lease ends.`);
  }
}

function keepLease(client: Client, id: string): NodeJS.Timeout {
  const renew = () => {
    // a renewal that fails is made up for by the next: the lease outlasts three
    client.renewRunLease({ params: { id } }, { retries: 0 }).catch(() => {});
  };
  return setInterval(renew, (clientLeaseSeconds * 1000) / 4).unref();
}

function trouble(error: Error | null): string {
  return error ? `${plainLine(error.message)}; waiting for it, the run goes on` : 'The server answers again.';
}
