import { sql } from 'drizzle-orm';
import type { Delivery, Installation } from '../../domain/github/delivery.ts';
import type { GithubEvent } from '../../domain/github/event.ts';
import type { Columns } from '../columns.sqlite.ts';

/** What GitHub told, and what people asked for there. */
export function defineWebhooks({ table, text, int, time, json, primaryKey, index }: Columns) {
  const deliveries = table(
    'deliveries',
    {
      host: text('host').notNull(),
      guid: text('guid').notNull(),
      event: text('event').notNull(),
      action: text('action'),
      installationId: int('installation_id'),
      payload: json<GithubEvent>('payload'),
      status: text('status').$type<Delivery['status']>().notNull(),
      attempts: int('attempts').notNull(),
      nextAttemptAt: time('next_attempt_at').notNull(),
      receivedAt: time('received_at').notNull(),
      processedAt: time('processed_at'),
      note: text('note'),
    },
    (t) => [
      primaryKey({ columns: [t.host, t.guid] }),
      index('deliveries_due').on(t.nextAttemptAt).where(sql`status = 'pending'`),
      index('deliveries_failed').on(t.processedAt).where(sql`status = 'failed'`),
      index('deliveries_ended').on(t.processedAt).where(sql`processed_at is not null`),
    ],
  );

  const approvals = table(
    'approvals',
    {
      host: text('host').notNull(),
      repositoryId: int('repository_id').notNull(),
      headSha: text('head_sha').notNull(),
      approvedBy: text('approved_by'),
      approvedAt: time('approved_at'),
    },
    (t) => [primaryKey({ columns: [t.host, t.repositoryId, t.headSha] })],
  );

  const quarantines = table(
    'quarantines',
    {
      id: text('id').primaryKey(),
      orgId: text('org_id').notNull(),
      repositoryId: int('repository_id').notNull(),
      testPath: text('test_path').notNull(),
      titlePath: json<string[]>('title_path').notNull(),
      until: time('until').notNull(),
      by: text('by').notNull(),
      fromRunId: text('from_run_id').notNull(),
      createdAt: time('created_at').notNull(),
    },
    (t) => [index('quarantines_repository').on(t.orgId, t.repositoryId), index('quarantines_end').on(t.until)],
  );

  const installations = table(
    'installations',
    {
      host: text('host').notNull(),
      id: int('id').notNull(),
      account: text('account').notNull(),
      state: text('state').$type<Installation['state']>().notNull(),
      changedAt: time('changed_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.host, t.id] })],
  );

  /** Those the App was installed on and is no longer. */
  const removedRepositories = table(
    'removed_repositories',
    {
      host: text('host').notNull(),
      repositoryId: int('repository_id').notNull(),
      removedAt: time('removed_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.host, t.repositoryId] })],
  );

  return { deliveries, approvals, quarantines, installations, removedRepositories };
}
