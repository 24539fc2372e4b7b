import type { Run } from '../../domain/model.ts';
import { type Act, ignore, mayWrite, type Plan, repositoryOf } from './act.ts';
import { lockFamilies, rerun, runOfCheck } from './new-attempt.ts';
import { quarantineFailures } from './quarantine-failures.ts';

/** A button under a completed check run of ours was clicked, by somebody who may write to the repository. */
export const pressButton: Plan<'button'> = async (deps, host, event) => {
  const { repository: where, externalId, button, sender } = event;
  const known = await deps.store.read((tx) => runOfCheck({ tx }, host, where.id, externalId));
  if (!known) return ignore('The check run is of no run of this server.');
  const repository = await repositoryOf(deps, host, event);
  if (!repository) return ignore(`The App is not installed on ${where.fullName}.`);
  if (!(await mayWrite(repository, sender))) return ignore(`${sender} may not write to ${where.fullName}.`);
  const act: (run: Run) => Act = (run) => (changes) => {
    switch (button) {
      case 'rerun_failed':
        return rerun(deps, changes, run, { onlyFailed: true });
      case 'rerun_other':
        return rerun(deps, changes, run, { onlyFailed: false });
      case 'quarantine':
        return quarantineFailures(deps, changes, run, sender);
    }
  };
  return async (changes) => {
    const families = await lockFamilies(changes, host, where.id, known.headSha ?? '');
    const family = families.find((each) => each.some(({ id }) => id === known.id)) ?? [known];
    const active = family.find(({ status }) => status !== 'completed');
    if (active && button !== 'quarantine') return `Run ${active.id} is ${active.status} already.`;
    return act(known)(changes);
  };
};
