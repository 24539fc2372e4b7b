import { sql } from 'drizzle-orm';
import type { TrustPolicyBody } from '../../../contract/org.ts';
import type { KeyRole, Platform } from '../../../contract/words.ts';
import type { Workflow } from '../../domain/model.ts';
import type { Columns } from '../columns.sqlite.ts';

/** Who may do what, and the bytes they own. */
export function defineAccounts({ table, text, int, real, bool, time, json, primaryKey, index, uniqueIndex }: Columns) {
  const orgs = table('orgs', {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    createdAt: time('created_at').notNull(),
    maxQueuedJobs: int('max_queued_jobs'),
    maxActiveJobs: int('max_active_jobs'),
    weight: real('weight').notNull(),
    usageMs: real('usage_ms').notNull(),
  });

  const apiKeys = table(
    'api_keys',
    {
      id: text('id').primaryKey(),
      orgId: text('org_id'),
      role: text('role').$type<KeyRole>().notNull(),
      name: text('name').notNull(),
      hash: text('hash').notNull(),
      shared: bool('shared').notNull(),
      createdAt: time('created_at').notNull(),
      expiresAt: time('expires_at'),
      revokedAt: time('revoked_at'),
      lastUsedAt: time('last_used_at'),
      trustPolicyId: text('trust_policy_id'),
      workflow: json<Workflow>('workflow'),
    },
    (t) => [
      uniqueIndex('api_keys_hash').on(t.hash),
      // sessions are many and short-lived: each kind is listed without reading the other
      index('api_keys_org').on(t.orgId).where(sql`trust_policy_id is null`),
      index('api_keys_sessions').on(t.orgId).where(sql`trust_policy_id is not null`),
      index('api_keys_policy').on(t.trustPolicyId).where(sql`trust_policy_id is not null`),
      index('api_keys_session_expiry').on(t.expiresAt).where(sql`trust_policy_id is not null`),
    ],
  );

  const trustPolicies = table(
    'trust_policies',
    {
      id: text('id').primaryKey(),
      orgId: text('org_id').notNull(),
      body: json<TrustPolicyBody>('body').notNull(),
      createdAt: time('created_at').notNull(),
    },
    (t) => [index('trust_policies_org').on(t.orgId)],
  );

  /** Tokens that were exchanged, until nobody takes them any more. */
  const usedTokens = table(
    'used_tokens',
    {
      issuer: text('issuer').notNull(),
      jti: text('jti').notNull(),
      deadAt: time('dead_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.issuer, t.jti] }), index('used_tokens_death').on(t.deadAt)],
  );

  const blobs = table(
    'blobs',
    {
      orgId: text('org_id').notNull(),
      sha256: text('sha256').notNull(),
      sizeBytes: int('size_bytes').notNull(),
      createdAt: time('created_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.orgId, t.sha256] })],
  );

  const appVersions = table(
    'app_versions',
    {
      orgId: text('org_id').notNull(),
      id: text('id').notNull(),
      sha256: text('sha256').notNull(),
      platform: text('platform').$type<Platform>().notNull(),
      fileName: text('file_name').notNull(),
      sizeBytes: int('size_bytes').notNull(),
      createdAt: time('created_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.orgId, t.id] })],
  );

  const idempotencyKeys = table(
    'idempotency_keys',
    {
      /** The organisation or key the idempotency key belongs to. */
      scope: text('scope').notNull(),
      key: text('key').notNull(),
      requestHash: text('request_hash').notNull(),
      /** What the use-case returned the first time. */
      answer: json<unknown>('answer').notNull(),
      createdAt: time('created_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.scope, t.key] })],
  );

  return { orgs, apiKeys, trustPolicies, usedTokens, blobs, appVersions, idempotencyKeys };
}
