import type { Job, Run } from '../domain/model.ts';
import { plainLine } from '../domain/plain-text.ts';
import type { Tx } from '../store/store.ts';

/** Of the runs that tested the same bytes, so many are looked at. */
const maxSources = 10;

/** A run that makes another unnecessary, and its jobs for the tests asked for. */
export interface Reused {
  source: Run;
  passed: Job[];
}

/**
 * What a merge queue need not run again: the newest run of the same repository, app bytes, test bytes, devices and settings
 * in which every test asked for passed, none of them flaky. Null where there is none, or where the submission may not be
 * answered so.
 */
export async function findReusable(
  tx: Tx,
  run: Run,
  tests: readonly string[],
  hasSideEffects: boolean,
): Promise<Reused | null> {
  if (hasSideEffects || run.github?.event !== 'merge_group' || run.contentKey === null) return null;
  for (const source of await tx.runs.passedWith(run.contentKey, maxSources)) {
    // two organisations may test one repository
    if (source.orgId !== run.orgId) continue;
    const clean = (await tx.jobs.ofRun(source.id)).filter(passedCleanly);
    const byTest = new Map(clean.map((job) => [job.testPath, job]));
    const passed = tests.flatMap((test) => byTest.get(test) ?? []);
    if (passed.length === tests.length) return { source, passed };
  }
  return null;
}

/** What says of a run that another stands for it. */
export function asReuseOf({ source }: Reused): Pick<Run, 'retryOf' | 'reason'> {
  const commit = source.headSha === null ? '' : ` at commit ${plainLine(source.headSha, 12)}`;
  const reason = `Reused: run ${source.id}${commit} passed with the same app, tests and devices, byte for byte.`;
  return { retryOf: source.id, reason };
}

function passedCleanly({ conclusion, counts }: Job): boolean {
  return conclusion === 'passed' && counts.flaky === 0 && counts.failed === 0;
}
