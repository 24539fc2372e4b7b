import type { Run } from '../../domain/model.ts';
import { failuresOf, quarantineKey, quarantineMs } from '../../domain/quarantine.ts';
import type { Changes } from '../changes.ts';
import type { Deps } from '../deps.ts';

/** A click quarantines so many tests at most: with more failing at once it is hardly the tests. */
const maxTests = 200;

/** The tests that failed in a run do not count for two weeks. @returns why there are none; null when there are */
export async function quarantineFailures(
  deps: Pick<Deps, 'sha256'>,
  { tx, now }: Changes,
  run: Run,
  by: string,
): Promise<string | null> {
  const { repositoryId, orgId } = run;
  if (repositoryId === null) return 'The run is of no repository.';
  const failed = (await tx.jobs.ofRun(run.id)).filter((job) => job.conclusion === 'failed');
  let quarantined = 0;
  for (const job of failed) {
    const last = (await tx.results.fullOfJob(job.id)).at(-1);
    for (const { title_path: titlePath } of failuresOf(last?.tests ?? [])) {
      if (quarantined++ === maxTests) return null;
      const test = { testPath: job.testPath, titlePath };
      const id = `qtn_${deps.sha256(JSON.stringify([orgId, repositoryId, quarantineKey(test)])).slice(0, 24)}`;
      const until = now + quarantineMs;
      await tx.quarantines.put({ id, orgId, repositoryId, ...test, until, by, fromRunId: run.id, createdAt: now });
    }
  }
  return quarantined > 0 ? null : `No test failed in run ${run.id}.`;
}
