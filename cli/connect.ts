import { type Client, createClient } from '../contract/client.ts';
import type { Cli } from './cli.ts';

/** A client of the server that this command's settings name. A server that is down is given about two seconds to come back. */
export function connect(cli: Cli, fetching?: typeof fetch): Client {
  const { serverUrl, apiKey } = cli.settings;
  return createClient({
    serverUrl,
    apiKey,
    userAgent: `qgjob-cli/${cli.io.version}`,
    retries: 3,
    ...(fetching ? { fetch: fetching } : {}),
  });
}
