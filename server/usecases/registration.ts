import { DomainError } from '../domain/errors.ts';
import type { AppCredentials, RegisteredApp } from '../domain/github/app.ts';
import type { Github } from '../github/github.ts';
import type { ConvertManifest } from '../github/registration.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Deps } from './deps.ts';

/** What the registration of GitHub Apps touches besides the store. */
export interface Registration {
  secrets: Secrets;
  /** The App that the server's settings name; it wins on its host. */
  configured: AppCredentials | null;
  /** Where people and GitHub reach this server, without a trailing slash. */
  publicUrl: string;
  convert: ConvertManifest;
  github: Github;
  /** To be called after every change of what is registered. */
  changed: () => Promise<void>;
}

export type RegistrationDeps = Pick<Deps, 'store' | 'now' | 'newToken' | 'sha256'> & { registration: Registration };

/**
 * @param registered the host's, as the store has it
 * @param confirmed whether the operator has said that a reopened one is to be replaced
 * @throws DomainError `github_app_exists` unless an App may be registered for the host now
 */
export function mustBeOpen(
  { configured }: Registration,
  host: string,
  registered: RegisteredApp | undefined,
  now: number,
  confirmed: boolean,
): void {
  if (configured?.host === host) {
    throw new DomainError(
      'github_app_exists',
      `The App of ${host} is given by the server's settings. Take GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET out of them first.`,
    );
  }
  if (!registered) return;
  const isReopened = registered.reopenedUntil !== null && registered.reopenedUntil > now;
  if (!isReopened) {
    throw new DomainError(
      'github_app_exists',
      `${host} has the App ${registered.slug} already. To replace it, run: qgjob github reset --host=${host}`,
    );
  }
  if (confirmed) return;
  throw new DomainError(
    'github_app_exists',
    `${host} has the App ${registered.slug} still. Go back and tick that it is to be replaced.`,
  );
}
