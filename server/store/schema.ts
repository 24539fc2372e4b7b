import type { Columns } from './columns.sqlite.ts';
import { defineAccounts } from './schema/accounts.ts';
import { defineChecks } from './schema/checks.ts';
import { defineFleet } from './schema/fleet.ts';
import { defineGithubApps } from './schema/github-apps.ts';
import { defineWebhooks } from './schema/webhooks.ts';
import { defineWork } from './schema/work.ts';

/** Every table, in the dialect of the columns given. */
export function defineSchema(columns: Columns) {
  return {
    ...defineAccounts(columns),
    ...defineWork(columns),
    ...defineChecks(columns),
    ...defineFleet(columns),
    ...defineGithubApps(columns),
    ...defineWebhooks(columns),
  };
}

export type Schema = ReturnType<typeof defineSchema>;
