/** A GitHub: github.com, a company's *.ghe.com, or a GitHub Enterprise Server. */
export interface GithubHost {
  /** `github.com`, `acme.ghe.com`, `github.acme.example`; with its port where that is not https's own. */
  host: string;
  /** Where people go, without a trailing slash. */
  webUrl: string;
  /** Where programs go, without a trailing slash. */
  apiUrl: string;
}

/**
 * The GitHub at an address that a person types: `github.com`, `acme.ghe.com`, `https://github.acme.example`. Plain http is
 * taken for this machine alone, since keys come back over it.
 * @returns what to write instead, where it is none
 */
export function githubAt(typed: string): GithubHost | string {
  const text = typed.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (!url || url.hostname === '') return 'Write the address as people open it, such as https://github.example.com.';
  if (url.username !== '' || url.password !== '') return 'Leave the name and the password out of the address.';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return `Write the address without anything behind the host: ${url.origin}.`;
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback))
    return `Use https: the App's private key comes back from ${url.hostname}.`;
  return fromOrigin(url);
}

/** The GitHub whose API is at an address (GITHUB_API_URL). */
export function githubOfApi(apiUrl: string): GithubHost {
  const url = new URL(apiUrl);
  const named = /^api\.(github\.com|[a-z0-9-]+\.ghe\.com)$/.exec(url.hostname)?.[1];
  const webUrl = named === undefined ? url.origin : `https://${named}`;
  return { host: new URL(webUrl).host, webUrl, apiUrl: apiUrl.replace(/\/+$/, '') };
}

function fromOrigin({ origin, host, hostname }: URL): GithubHost {
  const bare = hostname
    .replace(/^www\.(?=github\.com$)/, '')
    .replace(/^api\.(?=github\.com$|[a-z0-9-]+\.ghe\.com$)/, '');
  const isHosted = bare === 'github.com' || /^[a-z0-9-]+\.ghe\.com$/.test(bare);
  if (isHosted) return { host: bare, webUrl: `https://${bare}`, apiUrl: `https://api.${bare}` };
  return { host, webUrl: origin, apiUrl: `${origin}/api/v3` };
}
