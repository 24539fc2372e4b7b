import type { AppCredentials, RegisteredApp } from '../domain/github/app.ts';
import type { AppFacts } from '../domain/github/findings.ts';
import { type GithubApp, GithubError } from '../github/github.ts';
import { Unreadable } from '../secrets/secrets.ts';
import { mustBeOperator } from './authorise.ts';
import type { Caller } from './deps.ts';
import { contextOf } from './github-credentials.ts';
import type { Registration, RegistrationDeps } from './registration.ts';

/** An App of this server, and what was found out about it. */
export interface DescribedApp {
  facts: AppFacts;
  appId: number;
  /** Null for the one of the settings. */
  registered: RegisteredApp | null;
}

/**
 * Asks every GitHub that this server has an App on. What cannot be asked is told as that, never thrown.
 * @param repository `owner/name`, to ask besides whether the App is installed there
 * @throws DomainError `forbidden`
 */
export async function describeGithub(
  deps: RegistrationDeps,
  caller: Caller,
  repository: string | null,
): Promise<DescribedApp[]> {
  mustBeOperator(caller);
  const { registration } = deps;
  const registered = await deps.store.read((tx) => tx.githubApps.list());
  // another server of the same database may have registered one
  await registration.changed();
  const { configured } = registration;
  const apps = [
    ...(configured === null ? [] : [{ app: configured, registered: null }]),
    ...registered.filter(({ host }) => host !== configured?.host).map((app) => ({ app, registered: app })),
  ];
  return Promise.all(
    apps.map(async ({ app, registered: row }) => ({
      facts: await factsOf(registration, app, row, repository),
      appId: app.appId,
      registered: row,
    })),
  );
}

async function factsOf(
  { github, secrets }: Registration,
  { host, webUrl }: Pick<AppCredentials, 'host' | 'webUrl'>,
  registered: RegisteredApp | null,
  repository: string | null,
): Promise<AppFacts> {
  const facts: AppFacts = {
    host,
    webUrl,
    from: registered === null ? 'settings' : 'setup',
    unreadable: registered && (await whyUnreadable(registered, secrets)),
    refusal: null,
    description: null,
    deliveries: null,
    installations: null,
    repository: null,
  };
  const app = github.app(host);
  if (facts.unreadable !== null) return facts;
  if (!app) return { ...facts, unreadable: 'The private key is no RSA key in PEM, as GitHub hands it out.' };
  try {
    return { ...facts, description: await app.describe(), ...(await askFurther(app, repository)) };
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    return { ...facts, refusal: { status: error.status, message: error.message } };
  }
}

async function askFurther(
  app: GithubApp,
  name: string | null,
): Promise<Pick<AppFacts, 'deliveries' | 'installations' | 'repository'>> {
  const { deliveries } = await app.listDeliveries(null);
  const installations = await app.listInstallations();
  const repository = name === null ? null : { name, installation: await app.installationOf(name) };
  return { deliveries, installations, repository };
}

async function whyUnreadable(app: RegisteredApp, secrets: Registration['secrets']): Promise<string | null> {
  try {
    await secrets.open(app.sealedPrivateKey, contextOf(app, 'private key'));
    await secrets.open(app.sealedWebhookSecret, contextOf(app, 'webhook secret'));
    return null;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}
