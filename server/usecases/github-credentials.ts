import type { AppCredentials, RegisteredApp } from '../domain/github/app.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Store } from '../store/store.ts';

export interface AppSourceParts {
  store: Pick<Store, 'read'>;
  secrets: Pick<Secrets, 'open'>;
  /** The App that the server's settings name; it wins on its host. */
  configured: AppCredentials | null;
  /** Told of an App whose secrets cannot be read; it is left out. */
  onUnreadable: (host: string, error: unknown) => void;
}

/** The Apps this server may act as, as of now: the one of the settings, and those registered through the setup page. */
export type AppSource = () => Promise<AppCredentials[]>;

export function createAppSource({ store, secrets, configured, onUnreadable }: AppSourceParts): AppSource {
  return async () => {
    const registered = await store.read((tx) => tx.githubApps.list());
    const others = registered.filter(({ host }) => host !== configured?.host);
    const read = await Promise.all(
      others.map((app) =>
        credentialsOf(app, secrets).catch((error: unknown) => {
          onUnreadable(app.host, error);
          return [];
        }),
      ),
    );
    return [...(configured === null ? [] : [configured]), ...read.flat()];
  };
}

/** @throws Unreadable */
async function credentialsOf(app: RegisteredApp, secrets: Pick<Secrets, 'open'>): Promise<AppCredentials[]> {
  const { host, webUrl, apiUrl, appId } = app;
  const [privateKey, webhookSecret] = await Promise.all([
    secrets.open(app.sealedPrivateKey, contextOf(app, 'private key')),
    secrets.open(app.sealedWebhookSecret, contextOf(app, 'webhook secret')),
  ]);
  return [{ host, webUrl, apiUrl, appId, privateKey, webhookSecrets: [webhookSecret] }];
}

/** What a secret is sealed for: it opens for that App on that host alone, as the secret that it is. */
export function contextOf({ host, appId }: { host: string; appId: number }, what: 'private key' | 'webhook secret') {
  return `github app ${appId} on ${host}: ${what}`;
}
