import { sql } from 'drizzle-orm';
import type { CheckRun } from '../../domain/check/run.ts';
import type { Columns } from '../columns.sqlite.ts';

/** The outbox to GitHub: check runs with what is still to be told of them, and the lanes they are written in. */
export function defineChecks({ table, text, int, bool, time, primaryKey, index }: Columns) {
  const checkRuns = table(
    'check_runs',
    {
      runId: text('run_id').primaryKey(),
      host: text('host').notNull(),
      owner: text('owner').notNull(),
      repository: text('repository').notNull(),
      repositoryId: int('repository_id').notNull(),
      headSha: text('head_sha').notNull(),
      name: text('name').notNull(),
      externalId: text('external_id').notNull(),
      createdAt: time('created_at').notNull(),
      remoteId: int('remote_id'),
      remoteCompleted: bool('remote_completed').notNull(),
      state: text('state').$type<CheckRun['state']>().notNull(),
      urgency: int('urgency').$type<CheckRun['urgency']>().notNull(),
      dueAt: time('due_at'),
      notBefore: time('not_before').notNull(),
      attempts: int('attempts').notNull(),
      generation: int('generation').notNull(),
      uncertain: bool('uncertain').notNull(),
      takenAt: time('taken_at'),
      publishedHash: text('published_hash'),
      annotationsSent: int('annotations_sent').notNull(),
      lastError: text('last_error'),
    },
    (t) => [
      index('check_runs_due').on(t.host, t.dueAt).where(sql`due_at is not null`),
      index('check_runs_lane').on(t.host, t.owner, t.urgency, t.dueAt).where(sql`due_at is not null`),
      index('check_runs_unmade')
        .on(t.host, t.repositoryId, t.headSha, t.name, t.createdAt)
        .where(sql`remote_id is null and due_at is not null`),
      index('check_runs_unpostable').on(t.host, t.owner).where(sql`state = 'unpostable'`),
    ],
  );

  const checkLanes = table(
    'check_lanes',
    {
      host: text('host').notNull(),
      owner: text('owner').notNull(),
      installationId: int('installation_id'),
      notBefore: time('not_before').notNull(),
      failures: int('failures').notNull(),
      leaseToken: text('lease_token'),
      leaseExpiresAt: time('lease_expires_at'),
    },
    (t) => [primaryKey({ columns: [t.host, t.owner] })],
  );

  return { checkRuns, checkLanes };
}
