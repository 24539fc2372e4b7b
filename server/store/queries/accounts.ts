import { and, desc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import type { TrustPolicyBody } from '../../../contract/org.ts';
import type { ApiKey, AppVersion } from '../../domain/model.ts';
import type { AccountRecords } from '../store.ts';
import { type Connection, first, integer, rows, slots, text } from './statement.ts';

const p = sql.placeholder;

export function accountRecords(connection: Connection): AccountRecords {
  return {
    ...keys(connection),
    ...policies(connection),
    ...tokens(connection),
    ...bytes(connection),
    ...answers(connection),
  };
}

function keys({ db, schema: { apiKeys }, prepare }: Connection) {
  // literals, since neither engine uses a partial index for a condition it is told only later
  const isKey = sql`${apiKeys.trustPolicyId} is null`;
  const isSession = sql`${apiKeys.trustPolicyId} is not null`;
  const insert = prepare(db.insert(apiKeys).values(slots(apiKeys)));
  const byHash = prepare<ApiKey>(
    db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.hash, p('hash'))),
  );
  const ofOrg = (kind: typeof isKey) =>
    prepare<ApiKey>(
      db
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.orgId, text('orgId')), kind))
        .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id)),
    );
  const list = ofOrg(isKey);
  const listSessions = ofOrg(isSession);
  const any = prepare<{ id: string }>(db.select({ id: apiKeys.id }).from(apiKeys).limit(1));
  const revoke = prepare<{ id: string }>(
    db
      .update(apiKeys)
      .set({ revokedAt: sql`${p('at')}` })
      .where(and(eq(apiKeys.id, p('id')), eq(apiKeys.orgId, p('orgId')), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id }),
  );
  const revokeSessions = prepare(
    db
      .update(apiKeys)
      .set({ revokedAt: sql`${p('at')}` })
      .where(and(eq(apiKeys.trustPolicyId, p('trustPolicyId')), isSession, isNull(apiKeys.revokedAt))),
  );
  const touch = prepare(
    db
      .update(apiKeys)
      .set({ lastUsedAt: sql`${p('at')}` })
      .where(eq(apiKeys.id, p('id'))),
  );
  return {
    insertKey: async (key: ApiKey) => {
      await insert.execute({ ...key });
    },
    findKeyByHash: async (hash: string) => first(await byHash.execute({ hash })),
    listKeys: (orgId: string) => list.execute({ orgId }),
    listSessions: (orgId: string) => listSessions.execute({ orgId }),
    hasKeys: async () => (await any.execute()).length > 0,
    revokeKey: async (orgId: string, id: string, at: number) => (await revoke.execute({ orgId, id, at })).length > 0,
    revokeSessions: async (trustPolicyId: string, at: number) => {
      await revokeSessions.execute({ trustPolicyId, at });
    },
    touchKey: async (id: string, at: number) => {
      await touch.execute({ id, at });
    },
  };
}

function policies({ db, schema: { trustPolicies: t }, lock, prepare }: Connection) {
  const insert = prepare(db.insert(t).values(slots(t)));
  const ofOrg = () =>
    db
      .select({ id: t.id, body: t.body, createdAt: t.createdAt })
      .from(t)
      .where(eq(t.orgId, text('orgId')))
      .orderBy(t.createdAt, t.id);
  const list = prepare<{ id: string; body: TrustPolicyBody; createdAt: number }>(ofOrg());
  const locked = prepare<{ id: string; body: TrustPolicyBody; createdAt: number }>(lock(ofOrg()));
  const remove = prepare<{ id: string }>(
    db
      .delete(t)
      .where(and(eq(t.orgId, p('orgId')), eq(t.id, p('id'))))
      .returning({ id: t.id }),
  );
  return {
    insertPolicy: async (policy: { id: string; orgId: string; body: TrustPolicyBody; createdAt: number }) => {
      await insert.execute({ ...policy });
    },
    listPolicies: (orgId: string) => list.execute({ orgId }),
    lockPolicies: (orgId: string) => locked.execute({ orgId }),
    deletePolicy: async (orgId: string, id: string) => (await remove.execute({ orgId, id })).length > 0,
  };
}

function tokens({ db, schema: { usedTokens: t, apiKeys }, prepare }: Connection) {
  const use = prepare<{ jti: string }>(db.insert(t).values(slots(t)).onConflictDoNothing().returning({ jti: t.jti }));
  const dead = db
    .select({ issuer: t.issuer, jti: t.jti })
    .from(t)
    .where(lte(t.deadAt, integer('now')))
    .limit(rows('limit'));
  const forgetUsed = prepare(db.delete(t).where(sql`(${t.issuer}, ${t.jti}) in ${dead}`));
  const expired = db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(sql`${apiKeys.trustPolicyId} is not null`, lte(apiKeys.expiresAt, integer('now'))))
    .limit(rows('limit'));
  const forgetSessions = prepare(db.delete(apiKeys).where(inArray(apiKeys.id, expired)));
  return {
    useToken: async (token: { issuer: string; jti: string; deadAt: number }) =>
      (await use.execute({ ...token })).length > 0,
    forgetDead: async (now: number, limit: number) => {
      await forgetUsed.execute({ now, limit });
      await forgetSessions.execute({ now, limit });
    },
  };
}

function bytes({ db, schema: { blobs, appVersions }, prepare }: Connection) {
  const findBlob = prepare<{ sizeBytes: number }>(
    db
      .select({ sizeBytes: blobs.sizeBytes })
      .from(blobs)
      .where(and(eq(blobs.orgId, p('orgId')), eq(blobs.sha256, p('sha256')))),
  );
  const anyBlob = prepare<{ sizeBytes: number }>(
    db
      .select({ sizeBytes: blobs.sizeBytes })
      .from(blobs)
      .where(eq(blobs.sha256, p('sha256')))
      .limit(1),
  );
  const insertBlob = prepare(db.insert(blobs).values(slots(blobs)).onConflictDoNothing());
  const insertVersion = prepare<{ id: string }>(
    db.insert(appVersions).values(slots(appVersions)).onConflictDoNothing().returning({ id: appVersions.id }),
  );
  const findVersion = prepare<AppVersion>(
    db
      .select()
      .from(appVersions)
      .where(and(eq(appVersions.orgId, p('orgId')), eq(appVersions.id, p('id')))),
  );
  return {
    findBlob: async (orgId: string, sha256: string) => first(await findBlob.execute({ orgId, sha256 })),
    findAnyBlob: async (sha256: string) => first(await anyBlob.execute({ sha256 })),
    insertBlob: async (blob: { orgId: string; sha256: string; sizeBytes: number; createdAt: number }) => {
      await insertBlob.execute({ ...blob });
    },
    insertAppVersion: async (version: AppVersion) => (await insertVersion.execute({ ...version })).length > 0,
    findAppVersion: async (orgId: string, id: string) => first(await findVersion.execute({ orgId, id })),
    listAppVersions: async (orgId: string | null, offset: number, limit: number) =>
      await db
        .select()
        .from(appVersions)
        .where(orgId === null ? undefined : eq(appVersions.orgId, orgId))
        .orderBy(desc(appVersions.createdAt), desc(appVersions.id))
        .offset(offset)
        .limit(limit),
  };
}

function answers({ db, schema: { idempotencyKeys: t }, prepare }: Connection) {
  const find = prepare<{ requestHash: string; answer: unknown }>(
    db
      .select({ requestHash: t.requestHash, answer: t.answer })
      .from(t)
      .where(and(eq(t.scope, p('scope')), eq(t.key, p('key')))),
  );
  const insert = prepare(db.insert(t).values(slots(t)));
  return {
    findAnswer: async (scope: string, key: string) => first(await find.execute({ scope, key })),
    insertAnswer: async (row: {
      scope: string;
      key: string;
      requestHash: string;
      answer: unknown;
      createdAt: number;
    }) => {
      await insert.execute({ ...row });
    },
  };
}
