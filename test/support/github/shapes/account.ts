import type { Account } from '../state.ts';

export interface Hosts {
  /** Where people look: `https://github.com`. */
  web: string;
  /** Where programs ask: `https://api.github.com`, or `https://HOST/api/v3`. */
  api: string;
}

export const iso = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
export const isoOrNull = (at: number | null) => (at === null ? null : iso(at));
export const nodeId = (kind: string, id: number) => `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`;

/** `simple-user` of GitHub's description. */
export function account({ web, api }: Hosts, { id, login, type }: Account) {
  const url = `${api}/users/${login}`;
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: `${web}/avatars/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${web}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}
