import type { Plan } from './act.ts';
import { lockFamilies, rerunFamily, runOfCheck } from './new-attempt.ts';

/** "Re-run" beside a check run of ours: a new attempt, which gets a check run of its own. */
export const rerunCheck: Plan<'check_rerequested'> = async (deps, host, { repository, externalId, at }) => {
  return async (changes) => {
    const run = await runOfCheck(changes, host, repository.id, externalId);
    if (!run?.headSha) return 'The check run is of no run of this server.';
    const families = await lockFamilies(changes, host, repository.id, run.headSha);
    const family = families.find((each) => each.some(({ id }) => id === run.id)) ?? [run];
    return rerunFamily(deps, changes, family, { of: run, at });
  };
};

/** "Re-run all checks": the same for everything of ours on the commit. */
export const rerunSuite: Plan<'suite_rerequested'> = async (deps, host, { repository, headSha, at }) => {
  return async (changes) => {
    const families = await lockFamilies(changes, host, repository.id, headSha);
    if (families.length === 0) return 'No run of this server is of that commit.';
    const why: (string | null)[] = [];
    for (const family of families) why.push(await rerunFamily(deps, changes, family, { of: null, at }));
    return why.includes(null) ? null : why.join(' ');
  };
};
