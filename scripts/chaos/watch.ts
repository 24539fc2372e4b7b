import { Run } from '../../contract/run.ts';
import { call, pause } from './call.ts';
import type { Acknowledged } from './clients.ts';
import type { Random } from './random.ts';

/** The runs as the API showed them last, and what it took back. */
export interface Watched {
  runs: Map<string, Run>;
  takenBack: string[];
}

/** Looks at one acknowledged run after another while all goes wrong, until `stop` says so. */
export async function watch(
  { base, key, random, stop }: { base: string; key: string; random: Random; stop: () => boolean },
  acknowledged: readonly Acknowledged[],
  watched: Watched,
): Promise<void> {
  while (!stop()) {
    await pause(100);
    const { runId } = acknowledged[random.between(0, acknowledged.length - 1)] ?? {};
    if (runId) await look(base, key, runId, watched).catch(() => {});
  }
}

/**
 * Waits until every acknowledged run has completed.
 * @returns the ids of those that have not when the time is up
 */
export async function settle(
  { base, key, patienceMs }: { base: string; key: string; patienceMs: number },
  acknowledged: readonly Acknowledged[],
  watched: Watched,
): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  let open = acknowledged.map(({ runId }) => runId);
  while (open.length > 0 && performance.now() < deadline) {
    const still: string[] = [];
    for (const id of open) if ((await look(base, key, id, watched))?.status !== 'completed') still.push(id);
    open = still;
    if (open.length > 0) await pause(500);
  }
  return open;
}

async function look(base: string, key: string, id: string, { runs, takenBack }: Watched): Promise<Run | null> {
  const { status, code, body } = await call(base, { method: 'GET', path: `/v1/runs/${id}`, key });
  if (status !== 200) {
    if (status < 500) takenBack.push(`acknowledged run ${id} was answered ${status} ${code}`);
    return null;
  }
  const run = Run.parse(body);
  const before = runs.get(id);
  runs.set(id, run);
  if (!before) return run;
  if (run.version < before.version) takenBack.push(`run ${id} went from version ${before.version} to ${run.version}`);
  for (const [index, job] of before.jobs.entries()) {
    if (job.status !== 'completed' || JSON.stringify(run.jobs[index]) === JSON.stringify(job)) continue;
    takenBack.push(`job ${job.id} had completed as ${job.conclusion} and changed afterwards`);
  }
  return run;
}
