import { DomainError } from '../domain/errors.ts';
import { appManifest, isPrivateAddress } from '../domain/github/app-manifest.ts';
import { type GithubHost, githubAt } from '../domain/github/host.ts';
import { mustBeOperator } from './authorise.ts';
import type { Caller } from './deps.ts';
import { mustBeOpen, type RegistrationDeps } from './registration.ts';

/** GitHub's own limit for the whole of it. */
const setupMs = 3_600_000;

export interface SetupForm {
  /** As it was typed: `github.com`, or an address. */
  address: string;
  /** The organisation that is to own the App; empty: whoever sends the form to GitHub. */
  organization: string;
  hasMergeQueue: boolean;
  /** The host's present App, which was reopened, is to be replaced. */
  replaces: boolean;
}

/** What the browser is to send to GitHub. */
export interface BegunSetup {
  github: GithubHost;
  /** Where to, the state in it. */
  action: string;
  manifest: ReturnType<typeof appManifest>;
  /** What may go wrong; null where nothing is to be said. */
  warning: string | null;
}

/**
 * Begins the registration of a GitHub App: a state that is good once, for an hour and for this browser.
 * @param browser what that browser alone has: its cookie
 * @throws DomainError `forbidden`, `validation_failed`, `github_app_exists`, `not_available`
 */
export async function beginGithubSetup(
  deps: RegistrationDeps,
  caller: Caller,
  form: SetupForm,
  browser: string,
): Promise<BegunSetup> {
  mustBeOperator(caller);
  const { publicUrl, secrets } = deps.registration;
  const github = githubAt(form.address);
  if (typeof github === 'string') throw invalid('address', github);
  // GitHub's rule for names; it becomes part of an address
  if (!/^$|^[A-Za-z0-9](-?[A-Za-z0-9]){0,99}$/.test(form.organization))
    throw invalid('organization', 'Write the name of the organisation as in its address on GitHub.');
  const warning = warningOf(github, publicUrl);
  // before anything is made at GitHub that could then not be kept
  await secrets.seal('', 'a try');
  const now = deps.now();
  const state = deps.newToken();
  await deps.store.transaction(async (tx) => {
    mustBeOpen(deps.registration, github.host, await tx.githubApps.find(github.host), now, form.replaces);
    await tx.githubApps.forgetSetups(now);
    await tx.githubApps.insertSetup({
      ...github,
      stateHash: deps.sha256(state),
      browserHash: deps.sha256(browser),
      keyId: caller.keyId,
      expiresAt: now + setupMs,
    });
  });
  const owner = form.organization === '' ? '' : `/organizations/${form.organization}`;
  return {
    github,
    action: `${github.webUrl}${owner}/settings/apps/new?state=${state}`,
    manifest: appManifest(publicUrl, form.hasMergeQueue),
    warning,
  };
}

/** @throws DomainError where GitHub would refuse the manifest for the address of this server */
function warningOf({ host }: GithubHost, publicUrl: string): string | null {
  if (!isPrivateAddress(publicUrl)) return null;
  const why = `${publicUrl} is an address of this machine or its network alone.`;
  if (host === 'github.com' || host.endsWith('.ghe.com')) {
    throw invalid('address', `${host} could not send webhooks here: ${why} Set QGJOB_PUBLIC_URL to one it can reach.`);
  }
  return `${why} Make sure that ${host} can reach it, or set QGJOB_PUBLIC_URL.`;
}

function invalid(field: string, message: string): DomainError {
  return new DomainError('validation_failed', message, { errors: [{ path: `body.${field}`, message }] });
}
