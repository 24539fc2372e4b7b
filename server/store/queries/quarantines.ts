import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import type { Quarantine } from '../../domain/quarantine.ts';
import type { QuarantineRecords } from '../webhook-records.ts';
import { type Connection, integer, rows, slots, text } from './statement.ts';

const p = sql.placeholder;

export function quarantineRecords({ db, schema: { quarantines: t }, prepare }: Connection): QuarantineRecords {
  const put = prepare(
    db
      .insert(t)
      .values(slots(t))
      .onConflictDoUpdate({
        target: t.id,
        set: {
          until: sql`excluded.until`,
          by: sql`excluded."by"`,
          fromRunId: sql`excluded.from_run_id`,
          createdAt: sql`excluded.created_at`,
        },
      }),
  );
  const lasting = and(eq(t.orgId, text('orgId')), gt(t.until, integer('now')));
  const ofOrg = prepare<Quarantine>(db.select().from(t).where(lasting).orderBy(asc(t.until), asc(t.id)));
  const ofRepository = prepare<Quarantine>(
    db
      .select()
      .from(t)
      .where(and(lasting, eq(t.repositoryId, integer('repositoryId'))))
      .orderBy(asc(t.until), asc(t.id)),
  );
  const remove = prepare<{ id: string }>(
    db
      .delete(t)
      .where(and(eq(t.orgId, p('orgId')), eq(t.id, p('id'))))
      .returning({ id: t.id }),
  );
  const over = db
    .select({ id: t.id })
    .from(t)
    .where(lte(t.until, integer('now')))
    .limit(rows('limit'));
  const forget = prepare(db.delete(t).where(inArray(t.id, over)));

  return {
    put: async (quarantine) => {
      await put.execute({ ...quarantine });
    },
    active: (orgId, repositoryId, now) =>
      repositoryId === null ? ofOrg.execute({ orgId, now }) : ofRepository.execute({ orgId, repositoryId, now }),
    delete: async (orgId, id) => (await remove.execute({ orgId, id })).length > 0,
    forgetOver: async (now, limit) => {
      await forget.execute({ now, limit });
    },
  };
}
