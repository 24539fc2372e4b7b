import { and, eq, sql } from 'drizzle-orm';
import type { Installation } from '../../domain/github/delivery.ts';
import type { InstallationRecords } from '../webhook-records.ts';
import { type Connection, first, slots } from './statement.ts';

const p = sql.placeholder;

export function installationRecords({ db, schema, prepare }: Connection): InstallationRecords {
  const { installations: t, removedRepositories: removed } = schema;
  const put = prepare(
    db
      .insert(t)
      .values(slots(t))
      .onConflictDoUpdate({
        target: [t.host, t.id],
        set: {
          account: sql`excluded.account`,
          state: sql`excluded.state`,
          changedAt: sql`excluded.changed_at`,
        },
      }),
  );
  const find = prepare<Installation>(
    db
      .select()
      .from(t)
      .where(and(eq(t.host, p('host')), eq(t.id, p('id')))),
  );
  const isIt = and(eq(removed.host, p('host')), eq(removed.repositoryId, p('repositoryId')));
  const add = prepare(db.insert(removed).values(slots(removed)).onConflictDoNothing());
  const drop = prepare(db.delete(removed).where(isIt));
  const isThere = prepare<{ host: string }>(db.select({ host: removed.host }).from(removed).where(isIt));

  return {
    put: async (installation) => {
      await put.execute({ ...installation });
    },
    find: async (host, id) => first(await find.execute({ host, id })),
    markRepository: async (host, repositoryId, removedAt) => {
      if (removedAt === null) await drop.execute({ host, repositoryId });
      else await add.execute({ host, repositoryId, removedAt });
    },
    isRemoved: async (host, repositoryId) => (await isThere.execute({ host, repositoryId })).length > 0,
  };
}
