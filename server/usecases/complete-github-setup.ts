import { equalDigests } from '../domain/equal-digests.ts';
import { DomainError } from '../domain/errors.ts';
import type { AppSetup, RegisteredApp } from '../domain/github/app.ts';
import { GithubError } from '../github/github.ts';
import type { ConvertedApp } from '../github/registration.ts';
import { mustBeOperator } from './authorise.ts';
import type { Caller } from './deps.ts';
import { contextOf } from './github-credentials.ts';
import { mustBeOpen, type RegistrationDeps } from './registration.ts';

/**
 * Takes in the App that GitHub has made. The state is used up whatever follows.
 * @throws DomainError `forbidden`, `setup_refused`, `github_app_exists`, `github_unavailable`, `not_available`
 */
export async function completeGithubSetup(
  deps: RegistrationDeps,
  caller: Caller,
  { code, state }: { code: string; state: string },
  browser: string,
): Promise<RegisteredApp> {
  mustBeOperator(caller);
  const now = deps.now();
  const stateHash = deps.sha256(state);
  const setup = await deps.store.transaction((tx) => tx.githubApps.takeSetup(stateHash));
  mustFit(setup, caller, deps.sha256(browser), now);
  // asked again below, but by then GitHub has given its secrets away
  const present = await deps.store.read((tx) => tx.githubApps.find(setup.host));
  mustBeOpen(deps.registration, setup.host, present, now, true);
  const made = await convert(deps, setup, code);
  const { host, webUrl, apiUrl } = setup;
  const { appId, slug, name, clientId } = made;
  const { secrets } = deps.registration;
  const app: RegisteredApp = {
    ...{ host, webUrl, apiUrl, appId, slug, name, clientId },
    registeredAt: now,
    reopenedUntil: null,
    sealedPrivateKey: await secrets.seal(made.privateKey, contextOf({ host, appId }, 'private key')),
    sealedWebhookSecret: await secrets.seal(made.webhookSecret, contextOf({ host, appId }, 'webhook secret')),
  };
  await deps.store.transaction(async (tx) => {
    if ((await tx.githubApps.insert(app)) || (await tx.githubApps.replace(app, now))) return;
    throw new DomainError(
      'github_app_exists',
      `${host} was given another App meanwhile. Delete the App ${slug} on GitHub: nothing of it was kept.`,
    );
  });
  await deps.registration.changed();
  return app;
}

/** @throws DomainError `setup_refused`, which tells a forger nothing of what exactly does not fit */
function mustFit(
  setup: AppSetup | undefined,
  { keyId }: Caller,
  browserHash: string,
  now: number,
): asserts setup is AppSetup {
  const fits = setup && equalDigests(setup.browserHash, browserHash) && setup.keyId === keyId && setup.expiresAt > now;
  if (fits) return;
  throw new DomainError(
    'setup_refused',
    'This registration was begun in another browser or with another key, more than an hour ago, or is done with. Begin again at /github/setup, and delete on GitHub the App it may have left.',
  );
}

async function convert({ registration }: RegistrationDeps, setup: AppSetup, code: string): Promise<ConvertedApp> {
  try {
    return await registration.convert(setup.apiUrl, code);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    const { host } = setup;
    const why =
      error.status === 404
        ? `${host} does not know the code, or it was used before.`
        : `${host} did not hand over the App: ${error.message}`;
    throw new DomainError(
      'github_unavailable',
      `${why} Delete the App on ${host} and begin again at /github/setup; this server must be able to reach ${setup.apiUrl}.`,
    );
  }
}
