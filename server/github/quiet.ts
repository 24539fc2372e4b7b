import { GithubError } from './github.ts';

/**
 * Keeps quiet towards GitHub for as long as it asked: whoever asks under the same key meanwhile is refused here, with the rest
 * of the wait. One installation's limit is no other's.
 */
export interface Quiet {
  /** @throws GithubError 429 without doing `work`; what `work` throws */
  keep<T>(key: number | 'app', work: () => Promise<T>): Promise<T>;
}

export function createQuiet(now: () => number): Quiet {
  const until = new Map<number | 'app', number>();
  return {
    async keep(key, work) {
      const leftMs = (until.get(key) ?? 0) - now();
      if (leftMs > 0) throw new GithubError('GitHub asked to wait, for another request', 429, leftMs);
      until.delete(key);
      try {
        return await work();
      } catch (error) {
        if (error instanceof GithubError && error.retryAfterMs !== null) until.set(key, now() + error.retryAfterMs);
        throw error;
      }
    },
  };
}
