import { DomainError } from '../domain/errors.ts';
import type { RegisteredApp } from '../domain/github/app.ts';
import { mustBeOperator, notFound } from './authorise.ts';
import type { Caller } from './deps.ts';
import type { RegistrationDeps } from './registration.ts';

const reopenMs = 3_600_000;

/** By host; the operator's to see. @throws DomainError `forbidden` */
export async function listGithubApps(deps: RegistrationDeps, caller: Caller): Promise<RegisteredApp[]> {
  mustBeOperator(caller);
  return deps.store.read((tx) => tx.githubApps.list());
}

/**
 * Lets another registration take the place of a host's App within the hour; until it does, the App works on.
 * @throws DomainError `forbidden`, `not_found`, `github_app_exists` for the one of the settings
 */
export async function reopenGithubApp(deps: RegistrationDeps, caller: Caller, host: string): Promise<RegisteredApp> {
  mustBeOperator(caller);
  mustNotBeConfigured(deps, host);
  const until = deps.now() + reopenMs;
  return deps.store.transaction(async (tx) => {
    await tx.githubApps.reopen(host, until);
    const app = await tx.githubApps.find(host);
    if (!app) throw notFound('GitHub App of', host);
    return app;
  });
}

/** Forgets a host's App and its keys. @throws DomainError `forbidden`, `not_found`, `github_app_exists` */
export async function removeGithubApp(deps: RegistrationDeps, caller: Caller, host: string): Promise<void> {
  mustBeOperator(caller);
  mustNotBeConfigured(deps, host);
  const wasThere = await deps.store.transaction((tx) => tx.githubApps.remove(host));
  if (!wasThere) throw notFound('GitHub App of', host);
  await deps.registration.changed();
}

function mustNotBeConfigured({ registration }: RegistrationDeps, host: string): void {
  if (registration.configured?.host !== host) return;
  throw new DomainError(
    'github_app_exists',
    `The App of ${host} is given by the server's settings: change GITHUB_APP_ID and its companions, and restart.`,
  );
}
