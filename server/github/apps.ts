import { createGithubApp, type GithubOptions, type UsableCredentials } from './app.ts';
import type { Github, GithubApp } from './github.ts';

export interface RefreshedGithub extends Github {
  /** Takes in Apps that were registered, changed or removed since; the others keep their tokens. */
  refresh(): Promise<void>;
}

/**
 * The Apps of a server, one per host, as `load` tells them: of two on one host the first. Empty until the first refresh.
 * @param onUnusable told once of an App whose key is none
 */
export function createGithub(
  load: () => Promise<UsableCredentials[]>,
  options: GithubOptions,
  onUnusable: (appId: number, error: unknown) => void,
): RefreshedGithub {
  /** By what they were made of, so that a rotated key makes a new one. */
  let made = new Map<string, GithubApp | null>();
  let byHost = new Map<string, GithubApp>();

  const make = (credentials: UsableCredentials): GithubApp | null => {
    try {
      return createGithubApp(credentials, options);
    } catch (error) {
      onUnusable(credentials.appId, error);
      return null;
    }
  };
  return {
    app: (host) => byHost.get(host),
    apps: () => [...byHost.values()],
    async refresh() {
      const before = made;
      const after: typeof made = new Map();
      for (const credentials of await load()) {
        const key = JSON.stringify([credentials.apiUrl, credentials.appId, credentials.privateKey]);
        const known = before.get(key);
        after.set(key, known === undefined ? make(credentials) : known);
      }
      made = after;
      const usable = [...after.values()].filter((app) => app !== null);
      byHost = new Map(usable.reverse().map((app) => [app.host, app]));
    },
  };
}
