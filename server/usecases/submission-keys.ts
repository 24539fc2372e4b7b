import type { SubmitRun } from '../../contract/run.ts';
import type { Deps } from './deps.ts';

type Hash = Pick<Deps, 'sha256'>;

/** A group's id, made from what its jobs share, so that nobody has to look it up. */
export function groupIdOf({ sha256 }: Hash, key: string): string {
  return `grp_${sha256(key).slice(0, 24)}`;
}

/** The same for identical submissions, whatever the order of their tests. */
export function dedupeKeyOf({ sha256 }: Hash, { dedupe: _, ...body }: SubmitRun): string {
  const entries = Object.entries({ ...body, tests: [...body.tests].sort() }).sort(([a], [b]) => (a < b ? -1 : 1));
  // 96 bits: no accident in any number of active runs, and half the index
  return sha256(JSON.stringify(entries)).slice(0, 24);
}

/** The same for runs of which only the newest is wanted; null where GitHub is not told of. */
export function supersedeKeyOf({ sha256 }: Hash, { org_id, target, github }: SubmitRun): string | null {
  const line = github?.pull_request ?? github?.ref;
  if (!github || line === undefined) return null;
  const { repository_id, repository, check_name } = github;
  return sha256(JSON.stringify([org_id, repository_id ?? repository, line, check_name ?? null, target]));
}
