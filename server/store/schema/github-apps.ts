import type { Columns } from '../columns.sqlite.ts';

/** The GitHub Apps this server acts as, one per host, and their registrations under way. */
export function defineGithubApps({ table, text, int, time, index }: Columns) {
  const githubApps = table('github_apps', {
    host: text('host').primaryKey(),
    webUrl: text('web_url').notNull(),
    apiUrl: text('api_url').notNull(),
    appId: int('app_id').notNull(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    clientId: text('client_id').notNull(),
    registeredAt: time('registered_at').notNull(),
    reopenedUntil: time('reopened_until'),
    sealedPrivateKey: text('sealed_private_key').notNull(),
    sealedWebhookSecret: text('sealed_webhook_secret').notNull(),
  });

  const githubSetups = table(
    'github_setups',
    {
      stateHash: text('state_hash').primaryKey(),
      browserHash: text('browser_hash').notNull(),
      keyId: text('key_id').notNull(),
      host: text('host').notNull(),
      webUrl: text('web_url').notNull(),
      apiUrl: text('api_url').notNull(),
      expiresAt: time('expires_at').notNull(),
    },
    (t) => [index('github_setups_expiry').on(t.expiresAt)],
  );

  return { githubApps, githubSetups };
}
