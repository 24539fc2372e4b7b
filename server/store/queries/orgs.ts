import { asc, eq, gt, sql } from 'drizzle-orm';
import type { Org } from '../../domain/model.ts';
import type { OrgRecords } from '../store.ts';
import { type Connection, first, rows, slots, text } from './statement.ts';

export function orgRecords({ db, schema: { orgs }, lock, prepare }: Connection): OrgRecords {
  const p = sql.placeholder;
  const insert = prepare<{ id: string }>(
    db.insert(orgs).values(slots(orgs)).onConflictDoNothing().returning({ id: orgs.id }),
  );
  const byId = () =>
    db
      .select()
      .from(orgs)
      .where(eq(orgs.id, p('id')));
  const find = prepare<Org>(byId());
  const locked = prepare<Org>(lock(byId()));
  const list = prepare<Org>(
    db
      .select()
      .from(orgs)
      .where(gt(orgs.id, text('after')))
      .orderBy(asc(orgs.id))
      .limit(rows('limit')),
  );
  const save = prepare(
    db
      .update(orgs)
      .set(slots(orgs, ['id']))
      .where(eq(orgs.id, p('id'))),
  );

  return {
    insert: async (org) => (await insert.execute({ ...org })).length > 0,
    find: async (id) => first(await find.execute({ id })),
    lock: async (id) => first(await locked.execute({ id })),
    list: (after, limit) => list.execute({ after, limit }),
    save: async (org) => {
      await save.execute({ ...org });
    },
  };
}
