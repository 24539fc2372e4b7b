import { hash, randomBytes } from 'node:crypto';
import { getRequestListener } from '@hono/node-server';
import { pino } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { openFolder } from './blobs/folder.ts';
import { isLoopback, type ServerSettings, SettingError } from './config.ts';
import { startDeliveries } from './deliveries.ts';
import { apiKeyRandomBytes } from './domain/api-key.ts';
import type { PublishPace } from './domain/publish-pace.ts';
import { type GithubApps, openGithubApps } from './github-apps.ts';
import { refusal } from './http/api.ts';
import { createApp } from './http/app.ts';
import { createKnownKeys } from './http/known-keys.ts';
import { type Listening, listen } from './http/listen.ts';
import { createLog, type Log } from './http/log.ts';
import { createOpenRequests } from './http/open-requests.ts';
import { HttpError } from './http/problems.ts';
import { startLoop } from './loops.ts';
import { createIds } from './new-id.ts';
import { createOidc } from './oidc/jose-oidc.ts';
import { startPublishing } from './publishing.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import type { Deps } from './usecases/deps.ts';
import { ensureOperatorKey } from './usecases/ensure-operator-key.ts';
import { createSignals } from './usecases/signals.ts';
import { createStays } from './usecases/stays.ts';
import { createSweep } from './usecases/sweep.ts';

const sweepEveryMs = 1_000;
/** So soon an App that another server of this database registered is known here. */
const refreshEveryMs = 30_000;
const defaultGraceMs = 10_000;

/** A server that answers. */
export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  url: string;
  port: number;
  /** An admin key that was made because there was none; known to nobody else and told only here. */
  operatorKey: string | null;
  /** Resolves when the server can no longer keep its promises and its process must end: the disk failed under a commit. */
  failed: Promise<Error>;
  /** Ends what waits, lets what is in flight end within `graceMs`, and closes everything. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts a whole server in this process.
 * @param open opens the database; benches open it otherwise
 * @throws SettingError, or Error that says what to do, when it cannot start; nothing is left open then
 */
export async function startServer(
  settings: ServerSettings,
  open: typeof openStore = openStore,
): Promise<RunningServer> {
  // to stderr, at once: the last lines before an exit are those that matter
  const log = createLog(settings.logLevel, pino.destination({ dest: 2, sync: true }));
  const failure = Promise.withResolvers<Error>();
  const store = await open(settings.database, { onFatal: failure.resolve });
  try {
    const parts = await createParts(settings, store);
    const operatorKey = await makeKeyKnown(settings, parts);
    const githubApps = await openGithubApps(settings, { store, log, now: parts.now });
    const listening = await listen(settings.host, settings.port);
    const url = addressOf(settings.host, listening.port);
    const publicUrl = settings.publicUrl ?? url;
    const { issuers, audience } = settings.oidc;
    const deps: Deps = {
      ...parts,
      github: githubApps.github,
      oidc: createOidc({ issuers, audience: audience ?? publicUrl }),
    };
    return {
      ...serve({ deps, githubApps, publishPace: settings.publishPace, log, listening, url, publicUrl }),
      operatorKey,
      failed: failure.promise,
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** All that does not depend on where the server listens. */
async function createParts(settings: ServerSettings, store: Store): Promise<Omit<Deps, 'oidc' | 'github'>> {
  const { blobs, logs } = await openFolder(settings.blobFolder);
  return {
    store,
    blobs,
    logs,
    signals: createSignals(),
    stays: createStays(settings.policy.stayMs),
    policy: settings.policy,
    leaseMs: settings.leaseMs,
    now: Date.now,
    newId: createIds(Date.now),
    newToken: () => randomBytes(16).toString('hex'),
    sha256: (text) => hash('sha256', text),
  };
}

/** The key given is made known. Without one, a first key is made only where nobody but this machine can reach the server. */
async function makeKeyKnown(
  { bootstrapKey, host }: ServerSettings,
  deps: Pick<Deps, 'store' | 'now' | 'newId' | 'sha256'>,
): Promise<string | null> {
  if (bootstrapKey === null && !isLoopback(host)) {
    if (await deps.store.read((tx) => tx.accounts.hasKeys())) return null;
    throw new SettingError(
      `QGJOB_BOOTSTRAP_KEY is missing: the server would listen on ${host}, and nobody has a key for it yet.`,
    );
  }
  return ensureOperatorKey(deps, bootstrapKey, () => randomBytes(apiKeyRandomBytes));
}

interface Served {
  deps: Deps;
  githubApps: GithubApps;
  publishPace: PublishPace;
  log: Log;
  listening: Listening;
  /** Where it listens, and where people reach it. */
  url: string;
  publicUrl: string;
}

function serve(served: Served): Pick<RunningServer, 'url' | 'port' | 'stop'> {
  const { deps, githubApps, publishPace, log, listening, url, publicUrl } = served;
  const { server, port, close } = listening;
  let stopped: Promise<void> | undefined;
  const open = createOpenRequests();
  const keys = createKnownKeys(deps, open, (err) => log.warn({ err }, 'API keys could not be checked'));
  const app = createApp({
    deps,
    registration: { ...githubApps.registration, publicUrl },
    webhookApps: githubApps.load,
    publicUrl,
    version: packageJson.version,
    keys,
    open,
    log,
    stopping: () => stopped !== undefined,
  });
  const sweep = startLoop(createSweep(deps), sweepEveryMs, (err) => log.error({ err }, 'a sweep failed'));
  const refresh = startLoop(githubApps.github.refresh, refreshEveryMs, (err) =>
    log.error({ err }, 'the GitHub Apps could not be read'),
  );
  const deliveries = startDeliveries(deps, log);
  const publishing = startPublishing(deps, publicUrl, publishPace, log);
  server.on('request', getRequestListener(app.fetch, { errorHandler: unreadable }));
  log.info({ url }, 'listening');

  async function stopAll(graceMs: number): Promise<void> {
    log.info('stopping');
    open.stop();
    await close(graceMs);
    keys.stop();
    await Promise.all([sweep.stop(), refresh.stop(), deliveries.stop(), publishing.stop()]);
    await deps.store.close();
    log.info('stopped');
  }
  return {
    url,
    port,
    stop(graceMs = defaultGraceMs) {
      stopped ??= stopAll(graceMs);
      return stopped;
    },
  };
}

/** What Node could parse and an address cannot be made of: a broken Host header, a backslash in the path. */
function unreadable(): Response {
  const { status, headers, body } = refusal(
    new HttpError('malformed_request', 'The address or the Host header of this request is malformed.'),
    randomBytes(16).toString('hex'),
  );
  return new Response(String(body), { status, headers });
}

function addressOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
