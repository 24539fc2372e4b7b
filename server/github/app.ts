import type { AppCredentials } from '../domain/github/app.ts';
import { createAppRequests, nullIfMissing } from './app-requests.ts';
import type { GithubApp } from './github.ts';
import { createInstallationTokens, type TokenClock } from './installation-tokens.ts';
import { createQuiet } from './quiet.ts';
import { createRepository } from './repository.ts';
import { Anything, App, Deliveries, HookConfig, Installation, Installations } from './shapes.ts';
import { createWire } from './wire.ts';

export interface GithubOptions extends TokenClock {
  timeoutMs?: number | undefined;
}

/** All that acting as an App takes. */
export type UsableCredentials = Pick<AppCredentials, 'host' | 'apiUrl' | 'appId' | 'privateKey'>;

/** @throws Error when the private key is none */
export function createGithubApp(credentials: UsableCredentials, options: GithubOptions): GithubApp {
  const { host, appId, privateKey, apiUrl } = credentials;
  const wire = createWire({ apiUrl, now: options.now, timeoutMs: options.timeoutMs });
  const quiet = createQuiet(options.now);
  const requests = createAppRequests({ wire, quiet, appId, privateKey, now: options.now });
  const tokens = createInstallationTokens(requests, options);
  const get = (path: string) => ({ method: 'GET', path }) as const;

  return {
    host,
    appId,
    installationOf: (repository) =>
      nullIfMissing(requests.send(get(`/repos/${repository}/installation`), Installation)),
    repository: (installationId, repository, repositoryId) =>
      createRepository({ wire, quiet, tokens, appId }, { installationId, repository, repositoryId }),
    listInstallations: () => requests.send(get('/app/installations?per_page=100'), Installations),
    async listDeliveries(cursor) {
      const query = new URLSearchParams({ per_page: '100', ...(cursor === null ? {} : { cursor }) });
      const { body, headers } = await requests.sendForHeaders(get(`/app/hook/deliveries?${query}`), Deliveries);
      return { deliveries: body, next: nextCursor(headers.get('link')) };
    },
    async redeliver(deliveryId) {
      await requests.send({ method: 'POST', path: `/app/hook/deliveries/${deliveryId}/attempts` }, Anything);
    },
    async describe() {
      const app = await requests.send(get('/app'), App);
      const hook = await nullIfMissing(requests.send(get('/app/hook/config'), HookConfig));
      return {
        slug: app.slug ?? '',
        permissions: app.permissions,
        events: app.events,
        webhookUrl: hook?.url ?? null,
        clockSkewMs: requests.clockSkewMs(),
      };
    },
    forget: tokens.forget,
  };
}

/** The cursor in the address of the next page: `<https://…?cursor=v1_123>; rel="next"`. */
function nextCursor(link: string | null): string | null {
  const next = link && /<([^>]+)>;\s*rel="next"/.exec(link)?.[1];
  return next ? (URL.parse(next)?.searchParams.get('cursor') ?? null) : null;
}
