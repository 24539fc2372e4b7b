/** What GitHub makes of a manifest: an App, and all its secrets, told this once. */
export interface ConvertedApp {
  appId: number;
  slug: string;
  name: string;
  clientId: string;
  /** PEM. */
  privateKey: string;
  webhookSecret: string;
}

/**
 * Exchanges the code that a browser brought back from GitHub, at the GitHub it was begun with and at no other. Good once.
 * @throws GithubError; status 404 for a code that is unknown, used or more than an hour old
 */
export type ConvertManifest = (apiUrl: string, code: string) => Promise<ConvertedApp>;
