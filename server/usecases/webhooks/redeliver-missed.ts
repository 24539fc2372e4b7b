import { missedDeliveries } from '../../domain/github/missed-deliveries.ts';
import type { GithubApp, RemoteDelivery } from '../../github/github.ts';
import type { Deps } from '../deps.ts';

/** GitHub sends again what is not older than this: three days on github.com, seven on a GitHub Enterprise Server. */
const windowMs = (host: string) => (host === 'github.com' || host.endsWith('.ghe.com') ? 3 : 7) * 86_400_000;

/** A round reads and asks for so much at most; the next goes on. */
const maxPages = 20;
const maxAsked = 100;

/**
 * Finds what GitHub sent while nobody listened, and asks for it again. A delivery that was received is not asked for, whatever
 * became of it here: it is in the store, or did not matter.
 * @returns how many were asked for
 */
export async function redeliverMissed(deps: Pick<Deps, 'store' | 'github' | 'now'>): Promise<number> {
  let asked = 0;
  for (const app of deps.github.apps()) {
    const now = deps.now();
    const log = await recentDeliveries(app, now - windowMs(app.host));
    const guids = [...new Set(log.filter(({ isSuccess }) => !isSuccess).map(({ guid }) => guid))];
    const received = await deps.store.read((tx) => tx.deliveries.known(app.host, guids));
    for (const id of missedDeliveries(log, received, now).slice(0, maxAsked)) {
      await app.redeliver(id);
      asked++;
    }
  }
  return asked;
}

async function recentDeliveries(app: GithubApp, since: number): Promise<RemoteDelivery[]> {
  const log: RemoteDelivery[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < maxPages; page++) {
    const { deliveries, next }: Awaited<ReturnType<GithubApp['listDeliveries']>> = await app.listDeliveries(cursor);
    log.push(...deliveries.filter(({ deliveredAt }) => deliveredAt >= since));
    if (next === null || deliveries.some(({ deliveredAt }) => deliveredAt < since)) break;
    cursor = next;
  }
  return log;
}
