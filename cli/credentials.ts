import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';

/** The stored keys, by server URL. */
export type Credentials = Record<string, { api_key: string }>;

/** Where keys are stored: in the user's own configuration folder. */
function credentialsPath(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'qgjob', 'credentials.json');
}

/** Every stored key; none where nothing was stored. */
export function readCredentials(env: NodeJS.ProcessEnv): Credentials {
  const path = credentialsPath(env);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unreadable(path, error);
  }
  try {
    return serversOf(JSON.parse(text));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Stores a server's key, readable by its owner alone; returns where. The file is replaced whole, never half written. */
export function storeKey(env: NodeJS.ProcessEnv, serverUrl: string, apiKey: string): string {
  const path = credentialsPath(env);
  const servers = { ...readCredentials(env), [serverUrl]: { api_key: apiKey } };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify({ servers }, null, 2)}\n`, { mode: 0o600 });
  // the mode of writeFileSync holds for a new file only
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
  return path;
}

function serversOf(stored: unknown): Credentials {
  const { servers = {} } = stored as { servers?: Record<string, { api_key?: unknown }> };
  const known = Object.entries(servers).flatMap(([url, { api_key }]) =>
    typeof api_key === 'string' ? [[url, { api_key }] as const] : [],
  );
  return Object.fromEntries(known);
}

function unreadable(path: string, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${path} cannot be read: ${why}`, exitCodes.usage, [`Remove it and run 'qgjob login' again.`]);
}
