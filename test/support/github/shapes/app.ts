import { type App, covers, type Installation, type Repository, type State } from '../state.ts';
import { account, type Hosts, iso, isoOrNull, nodeId } from './account.ts';

/** `integration` of GitHub's description. */
export function app(hosts: Hosts, one: App) {
  return {
    id: one.id,
    client_id: one.clientId,
    slug: one.slug,
    node_id: nodeId('A', one.id),
    owner: account(hosts, one.owner),
    name: one.name,
    description: '',
    external_url: `${hosts.web}/apps/${one.slug}/about`,
    html_url: `${hosts.web}/apps/${one.slug}`,
    created_at: iso(one.createdAt),
    updated_at: iso(one.createdAt),
    permissions: one.permissions,
    events: one.events,
  };
}

export function installation(hosts: Hosts, one: Installation) {
  return {
    id: one.id,
    account: account(hosts, one.account),
    repository_selection: one.selection,
    access_tokens_url: `${hosts.api}/app/installations/${one.id}/access_tokens`,
    repositories_url: `${hosts.api}/installation/repositories`,
    html_url: `${hosts.web}/settings/installations/${one.id}`,
    app_id: one.app.id,
    app_slug: one.app.slug,
    target_id: one.account.id,
    target_type: one.account.type,
    permissions: one.permissions,
    events: one.app.events,
    created_at: iso(one.createdAt),
    updated_at: iso(one.createdAt),
    single_file_name: null,
    suspended_by: one.suspendedAt === null ? null : account(hosts, one.account),
    suspended_at: isoOrNull(one.suspendedAt),
  };
}

export function repositoriesOf(state: State, one: Installation): Repository[] {
  return [...state.repositories.values()].filter((repository) => covers(one, repository));
}
