import { delimiter, dirname } from 'node:path';

/** What a child process may know of this machine: how to find programs, talk to proxies and write text. */
const handedOn = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'PLAYWRIGHT_BROWSERS_PATH',
] as const;

export type Environment = Record<string, string>;

/**
 * The environment of every child process: an allow-list, so that neither the agent's key nor anything else of its own
 * reaches tests. The Node this agent runs on comes first in PATH, for npm and the runner to run on the same one.
 */
export function childEnvironment(more: Environment, own: NodeJS.ProcessEnv = process.env): Environment {
  const env: Environment = {};
  for (const name of handedOn) {
    const value = own[name];
    if (value !== undefined) env[name] = value;
  }
  env.PATH = [dirname(process.execPath), env.PATH].filter(Boolean).join(delimiter);
  return { ...env, ...more };
}
