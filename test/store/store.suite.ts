import { beforeEach, describe } from 'vitest';
import type { Store } from '../../server/store/store.ts';
import { accounts } from './suite/accounts.ts';
import { atomicity } from './suite/atomicity.ts';
import { checks } from './suite/checks.ts';
import { fleet } from './suite/fleet.ts';
import { githubApps } from './suite/github-apps.ts';
import { groups } from './suite/groups.ts';
import { guards } from './suite/guards.ts';
import { history } from './suite/history.ts';
import { lists } from './suite/lists.ts';
import { queue } from './suite/queue.ts';
import { results } from './suite/results.ts';
import { sessions } from './suite/sessions.ts';
import { webhooks } from './suite/webhooks.ts';

/** What server/store/store.ts promises, as facts. Run on every engine, each fact on an empty store. */
export function storeSuite(engine: string, openEmpty: () => Promise<Store>): void {
  describe(`a store in ${engine}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await openEmpty();
    });
    for (const part of [
      atomicity,
      guards,
      queue,
      lists,
      groups,
      history,
      results,
      fleet,
      accounts,
      sessions,
      checks,
      githubApps,
      webhooks,
    ])
      part(() => store);
  });
}
