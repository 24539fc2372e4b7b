import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';
import { readCredentials } from './credentials.ts';

export const defaultServerUrl = 'http://127.0.0.1:8080';

/** Which server to talk to, and as whom. */
export interface Settings {
  serverUrl: string;
  apiKey: string | undefined;
  /** Where the key came from, for those who wonder. */
  apiKeyFrom: 'flag' | 'file' | 'environment' | 'login' | 'nowhere';
}

/** Flags come before the environment, and the environment before the key stored for that server. */
export function readSettings(flags: { server?: string; apiKey?: string }, env: NodeJS.ProcessEnv): Settings {
  const serverUrl = normalServerUrl(flags.server ?? (env.QGJOB_SERVER_URL || defaultServerUrl));
  if (flags.apiKey) return { serverUrl, apiKey: flags.apiKey, apiKeyFrom: 'flag' };
  if (env.QGJOB_API_KEY) return { serverUrl, apiKey: env.QGJOB_API_KEY, apiKeyFrom: 'environment' };
  const apiKey = readCredentials(env)[serverUrl]?.api_key;
  return { serverUrl, apiKey, apiKeyFrom: apiKey ? 'login' : 'nowhere' };
}

/** The same server by the same name, whichever way it was written. */
export function normalServerUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username) {
    throw new UserError(`'${text}' is no server URL.`, exitCodes.usage, [
      `Write it like ${defaultServerUrl} or https://qgjob.example.com.`,
    ]);
  }
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
