import { followUntilCompleted } from '../client/follow.ts';
import { keepLease } from '../client/lease.ts';
import { plainLine } from '../client/plain-text.ts';
import type { Client } from '../contract/client.ts';
import type { Job } from '../contract/job.ts';
import type { Run } from '../contract/run.ts';
import type { Progress } from './render/progress.ts';

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

function trouble(error: Error | null): string {
  return error ? `${plainLine(error.message)}; waiting for it, the run goes on` : 'The server answers again.';
}
