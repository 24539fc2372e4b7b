import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { TrustPolicyBody } from '../../../contract/org.ts';
import type { ApiKey, AppVersion } from '../../domain/model.ts';
import type { AccountRecords } from '../store.ts';
import { type Connection, first, slots, text } from './statement.ts';

const p = sql.placeholder;

export function accountRecords(connection: Connection): AccountRecords {
  return { ...keys(connection), ...policies(connection), ...bytes(connection), ...answers(connection) };
}

function keys({ db, schema: { apiKeys }, prepare }: Connection) {
  const insert = prepare(db.insert(apiKeys).values(slots(apiKeys)));
  const byHash = prepare<ApiKey>(
    db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.hash, p('hash'))),
  );
  const ofOrg = prepare<ApiKey>(
    db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.orgId, text('orgId')))
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id)),
  );
  const any = prepare<{ id: string }>(db.select({ id: apiKeys.id }).from(apiKeys).limit(1));
  const revoke = prepare<{ id: string }>(
    db
      .update(apiKeys)
      .set({ revokedAt: sql`${p('at')}` })
      .where(and(eq(apiKeys.id, p('id')), eq(apiKeys.orgId, p('orgId')), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id }),
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
    listKeys: (orgId: string) => ofOrg.execute({ orgId }),
    hasKeys: async () => (await any.execute()).length > 0,
    revokeKey: async (orgId: string, id: string, at: number) => (await revoke.execute({ orgId, id, at })).length > 0,
    touchKey: async (id: string, at: number) => {
      await touch.execute({ id, at });
    },
  };
}

function policies({ db, schema: { trustPolicies: t }, prepare }: Connection) {
  const insert = prepare(db.insert(t).values(slots(t)));
  const list = prepare<{ id: string; body: TrustPolicyBody; createdAt: number }>(
    db
      .select({ id: t.id, body: t.body, createdAt: t.createdAt })
      .from(t)
      .where(eq(t.orgId, text('orgId')))
      .orderBy(t.createdAt, t.id),
  );
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
    deletePolicy: async (orgId: string, id: string) => (await remove.execute({ orgId, id })).length > 0,
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
  const saveInstallMs = prepare(
    db
      .update(appVersions)
      .set({ installMs: sql`${p('installMs')}` })
      .where(and(eq(appVersions.orgId, p('orgId')), eq(appVersions.id, p('id')))),
  );
  return {
    saveInstallMs: async (orgId: string, id: string, installMs: number) => {
      await saveInstallMs.execute({ orgId, id, installMs: Math.round(installMs) });
    },
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
