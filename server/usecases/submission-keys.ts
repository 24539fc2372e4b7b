import type { SubmitRun } from '../../contract/run.ts';
import { groupKey } from '../domain/grouping.ts';
import type { Run } from '../domain/model.ts';
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

type Asked = Pick<
  Run,
  'orgId' | 'appVersionId' | 'target' | 'devices' | 'project' | 'reset' | 'bundleSha256' | 'github'
>;

/**
 * The same for every run of a repository that tests the same bytes of an app with the same bytes of tests, on the same devices
 * and in the same way, whatever commit and workflow asked for it. Null where the bytes of either are not known: of an app that
 * was never uploaded, or of tests that the agent has.
 */
export function contentKeyOf({ sha256 }: Hash, run: Asked, appSha256: string | null): string | null {
  const repositoryId = run.github?.repository_id;
  if (repositoryId === undefined || appSha256 === null || run.bundleSha256 === null) return null;
  const devices = groupKey(run.orgId, '', run.target, run.devices);
  const how = [devices, appSha256, run.project, run.reset, run.bundleSha256];
  return sha256(JSON.stringify([run.github?.host ?? 'github.com', repositoryId, ...how])).slice(0, 32);
}

/**
 * The same for every attempt of one step of a workflow run, as long as the same bytes are tested in the same way: what
 * passed under it need not be run again. Null where GitHub did not tell which attempt of which workflow run this is.
 * Which tests, how soon, how often and for how long do not matter: a test that passed, passed.
 */
export function rerunKeyOf({ sha256 }: Hash, run: Asked, appSha256: string | null): string | null {
  const { repository_id, run_id, run_attempt, step, check_name } = run.github ?? {};
  if (repository_id === undefined || run_id === undefined || run_attempt === undefined) return null;
  const where = [repository_id, run_id, step ?? null, check_name ?? null];
  const group = groupKey(run.orgId, run.appVersionId, run.target, run.devices);
  const how = [group, appSha256, run.project, run.reset, run.bundleSha256];
  return sha256(JSON.stringify([...where, ...how])).slice(0, 32);
}
