import type { EventRepository, GithubEvent } from '../../domain/github/event.ts';
import type { GithubApp, GithubRepository } from '../../github/github.ts';
import type { Changes } from '../changes.ts';
import type { Deps } from '../deps.ts';

/**
 * What a delivery changes, in the unit of work that also marks it as done. Resolves to why there is nothing to change; null
 * when there was something.
 */
export type Act = (changes: Changes) => Promise<string | null>;

/** Of the events, the one of a kind. */
export type EventOf<K extends GithubEvent['kind']> = Extract<GithubEvent, { kind: K }>;

/** Whatever GitHub has to be asked for is asked here, before the unit of work. */
export type Plan<K extends GithubEvent['kind']> = (deps: Deps, host: string, event: EventOf<K>) => Promise<Act>;

/** There is nothing to do, and why. */
export const ignore =
  (why: string): Act =>
  async () =>
    why;

/** @throws Error where this server has no App there any more */
export function appOf({ github }: Deps, host: string): GithubApp {
  const app = github.app(host);
  if (app) return app;
  throw new Error(`This server has no GitHub App on ${host} at the moment.`);
}

/** The repository an event is about; null where the App is not installed there any more. */
export async function repositoryOf(
  deps: Deps,
  host: string,
  { repository, installationId }: { repository: EventRepository; installationId: number | null },
): Promise<GithubRepository | null> {
  const app = appOf(deps, host);
  const id = installationId ?? (await app.installationOf(repository.fullName))?.id;
  return id === undefined ? null : app.repository(id, repository.fullName, repository.id);
}

/** Whether somebody may write to the repository; the answer is GitHub's, never the webhook's. */
export async function mayWrite(repository: GithubRepository, login: string): Promise<boolean> {
  const permission = await repository.permissionOf(login);
  return permission === 'admin' || permission === 'write';
}
