import { z } from 'zod';
import type { AppRequests } from './app-requests.ts';
import { GithubError } from './github.ts';

/** A token is renewed this long before it expires, so that no request sets out with one that dies on the way. */
const renewBeforeMs = 5 * 60_000;
/** GitHub's replicas may not know a fresh token yet; what it refuses then is asked again for so long. */
const settlesInMs = 5_000;
const settleStepMs = 500;
const maxTokens = 10_000;

const Minted = z.object({ token: z.string().min(1).max(1_024), expires_at: z.iso.datetime({ offset: true }) });

/** What a token is good for; nothing is asked for that is not needed. */
export interface TokenScope {
  installationId: number;
  repositoryId: number;
  permissions: Readonly<Record<string, 'read' | 'write'>>;
}

/** Installation tokens of one App on one host: a token is found here under no other. */
export interface InstallationTokens {
  /** Does `work` with a token of this scope, again for 5 s while GitHub does not know a fresh one. */
  using<T>(scope: TokenScope, work: (token: string) => Promise<T>): Promise<T>;
  forget(installationId: number): void;
}

interface Held {
  installationId: number;
  mintedAt: number;
  /** By our clock; Infinity while it is being minted. */
  goodUntil: number;
  token: Promise<string>;
}

export interface TokenClock {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export function createInstallationTokens(app: AppRequests, { now, sleep }: TokenClock): InstallationTokens {
  const held = new Map<string, Held>();

  const mint = (key: string, { installationId, repositoryId, permissions }: TokenScope): Held => {
    const entry: Held = { installationId, mintedAt: now(), goodUntil: Number.POSITIVE_INFINITY, token: asked() };
    async function asked(): Promise<string> {
      const path = `/app/installations/${installationId}/access_tokens`;
      const body = { repository_ids: [repositoryId], permissions };
      const minted = await app.send({ method: 'POST', path, body }, Minted).catch(notInstalled);
      entry.mintedAt = now();
      // expires_at is told by GitHub's clock
      entry.goodUntil = Date.parse(minted.expires_at) - app.clockSkewMs() - renewBeforeMs;
      return minted.token;
    }
    // whoever waits is told; the next to ask mints anew
    entry.token.catch(() => held.get(key) === entry && held.delete(key));
    if (held.size >= maxTokens) held.clear();
    held.set(key, entry);
    return entry;
  };

  return {
    async using(scope, work) {
      const key = JSON.stringify([scope.installationId, scope.repositoryId, scope.permissions]);
      const known = held.get(key);
      const entry = known && now() < known.goodUntil ? known : mint(key, scope);
      const token = await entry.token;
      for (;;) {
        try {
          return await work(token);
        } catch (error) {
          if (!(error instanceof GithubError) || error.status !== 401) throw error;
          if (now() >= entry.mintedAt + settlesInMs) {
            if (held.get(key) === entry) held.delete(key);
            throw error;
          }
        }
        await sleep(settleStepMs);
      }
    },
    forget(installationId) {
      for (const [key, entry] of held) if (entry.installationId === installationId) held.delete(key);
    },
  };
}

/** GitHub's 422 here says that the installation does not cover the repository, or was not granted the permission. */
function notInstalled(error: unknown): never {
  if (error instanceof GithubError && error.status === 422) {
    throw new GithubError(`The App is not installed on this repository, or lacks a permission. ${error.message}`, 404);
  }
  throw error;
}
