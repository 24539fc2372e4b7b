import { familiesOf, standingAttempt, whyNoNewAttempt } from '../../domain/attempts.ts';
import type { Run } from '../../domain/model.ts';
import type { Changes } from '../changes.ts';
import type { Deps } from '../deps.ts';
import { hostOf } from '../hold.ts';
import { resubmit } from '../resubmit.ts';

/** Of one commit, so many runs are looked at, the newest. */
const maxRuns = 500;

/** The runs of a commit, by what they are attempts of, each family oldest first; kept from others who would add an attempt. */
export async function lockFamilies(
  { tx }: Changes,
  host: string,
  repositoryId: number,
  headSha: string,
): Promise<Run[][]> {
  const read = async () => {
    const runs = await tx.runs.ofCommit(repositoryId, headSha, maxRuns);
    return familiesOf(runs.filter((run) => hostOf(run) === host));
  };
  const roots = (await read()).flatMap(([root]) => (root ? [root.id] : []));
  for (const id of roots.sort()) await tx.runs.lock(id);
  // read again: an attempt may have been added before the locks were held
  return read();
}

/** The run whose check run it is, of this repository; null where it is none of ours. */
export async function runOfCheck(
  { tx }: Pick<Changes, 'tx'>,
  host: string,
  repositoryId: number,
  externalId: string,
): Promise<Run | null> {
  // `run id:attempt`
  const run = await tx.runs.find(externalId.split(':', 1)[0] ?? '');
  return run && run.repositoryId === repositoryId && hostOf(run) === host ? run : null;
}

/** Runs a family again as a whole, unless that was done already. @returns why there is no new attempt; null when there is one */
export async function rerunFamily(
  deps: Deps,
  changes: Changes,
  family: readonly Run[],
  clicked: { of: Run | null; at: number | null },
): Promise<string | null> {
  const why = whyNoNewAttempt(family, clicked.of, clicked.at);
  if (why !== null) return why;
  const run = clicked.of ?? standingAttempt(family);
  return run ? rerun(deps, changes, run, { onlyFailed: false }) : 'There is nothing to run again.';
}

/** A new attempt of a completed run, for which no client waits. @returns why there is none; null when there is one */
export async function rerun(
  deps: Deps,
  changes: Changes,
  run: Run,
  { onlyFailed }: { onlyFailed: boolean },
): Promise<string | null> {
  const jobs = await changes.tx.jobs.ofRun(run.id);
  const passed = jobs.filter((job) => onlyFailed && job.conclusion === 'passed');
  if (passed.length === jobs.length) return `Every job of run ${run.id} passed.`;
  await resubmit(deps, changes, { ...run, clientLeaseMs: null }, jobs, passed);
  return null;
}
