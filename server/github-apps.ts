import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GithubSettings, type ServerSettings, SettingError } from './config.ts';
import type { AppCredentials } from './domain/github/app.ts';
import { githubOfApi } from './domain/github/host.ts';
import { createGithub, type RefreshedGithub } from './github/apps.ts';
import { createConvertManifest } from './github/convert-manifest.ts';
import type { Log } from './http/log.ts';
import { createSecrets } from './secrets/keyed-secrets.ts';
import type { Store } from './store/store.ts';
import { type AppSource, createAppSource } from './usecases/github-credentials.ts';
import type { Registration } from './usecases/registration.ts';

/** The GitHub Apps of a server: who they are, how to act as one, and how to register one. */
export interface GithubApps {
  load: AppSource;
  github: RefreshedGithub;
  registration: Omit<Registration, 'publicUrl'>;
}

interface Parts {
  store: Store;
  log: Log;
  now: () => number;
}

/** @throws SettingError when what the settings say of GitHub, or of the key that keeps its secrets, cannot be used */
export async function openGithubApps(settings: ServerSettings, parts: Parts): Promise<GithubApps> {
  const { store, log, now } = parts;
  const { database, secretKey } = settings;
  const isShared = /^postgres(ql)?:\/\//.test(database);
  const configured = settings.github && (await readConfigured(settings.github));
  if (isShared && secretKey === null) await mustNeedNoKey(store, configured);
  const secrets = createSecrets({ key: secretKey, keyFile: isShared ? null : join(dirname(database), 'secret.key') });
  const told = new Set<string>();
  const load = createAppSource({
    store,
    secrets,
    configured,
    onUnreadable(host, err) {
      if (told.has(host)) return;
      told.add(host);
      log.error({ err, host }, 'the secrets of a GitHub App cannot be read');
    },
  });
  const github = createGithub(load, { now, sleep }, (appId, err) =>
    log.error({ err, appId }, 'a GitHub App cannot be used'),
  );
  await github.refresh();
  const convert = createConvertManifest({ now });
  const registration = { secrets, configured, convert, github, changed: github.refresh };
  return { load, github, registration };
}

async function readConfigured(settings: GithubSettings): Promise<AppCredentials> {
  const { appId, privateKey, webhookSecrets, apiUrl } = settings;
  return { ...githubOfApi(apiUrl), appId, privateKey: await readPem(privateKey), webhookSecrets };
}

/** @param given the PEM itself, with `\n` for its line breaks where an environment file takes one line only, or a path */
async function readPem(given: string): Promise<string> {
  if (given.startsWith('-----BEGIN')) return given.replaceAll('\\n', '\n');
  try {
    return await readFile(given, 'utf8');
  } catch (error) {
    // not the value: it may be a key without its first line
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingError(
      `GITHUB_APP_PRIVATE_KEY is neither a PEM nor the path of a file that can be read (${code}).`,
    );
  }
}

/** Several servers may share the database: a key file of each would not open what another sealed. */
async function mustNeedNoKey(store: Store, configured: AppCredentials | null): Promise<void> {
  const registered = await store.read((tx) => tx.githubApps.list());
  const hosts = registered.map(({ host }) => host).filter((host) => host !== configured?.host);
  if (hosts.length === 0) return;
  throw new SettingError(
    `QGJOB_SECRET_KEY is missing: the database holds the GitHub App of ${hosts.join(', ')}, sealed with it. Give every server of this database the same.`,
  );
}
