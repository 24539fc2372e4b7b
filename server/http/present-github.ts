import type { GithubAppResource } from '../../contract/github.ts';
import type { RegisteredApp } from '../domain/github/app.ts';
import { installUrlOf } from '../domain/github/findings.ts';
import type { DescribedApp } from '../usecases/describe-github.ts';
import { instant, optionalInstant } from './present.ts';

export function presentRegisteredApp(app: RegisteredApp): GithubAppResource {
  return {
    host: app.host,
    app_id: app.appId,
    slug: app.slug,
    from: 'setup',
    registered_at: instant(app.registeredAt),
    reopened_until: optionalInstant(app.reopenedUntil),
    install_url: installUrlOf(app.webUrl, app.host, app.slug),
  };
}

export function presentDescribedApp({ facts, appId, registered }: DescribedApp): GithubAppResource {
  if (registered !== null) return presentRegisteredApp(registered);
  const slug = facts.description?.slug ?? null;
  return {
    host: facts.host,
    app_id: appId,
    slug,
    from: 'settings',
    registered_at: null,
    reopened_until: null,
    install_url: slug === null ? null : installUrlOf(facts.webUrl, facts.host, slug),
  };
}
