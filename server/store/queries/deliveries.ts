import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm';
import type { Delivery } from '../../domain/github/delivery.ts';
import type { DeliveryRecords } from '../webhook-records.ts';
import { type Connection, first, integer, rows, slots } from './statement.ts';

const p = sql.placeholder;

export function deliveryRecords({ db, schema: { deliveries: t }, lock, prepare }: Connection): DeliveryRecords {
  // literals, since neither engine uses a partial index for a value it is told only later
  const isPending = sql`${t.status} = 'pending'`;
  const hasFailed = sql`${t.status} = 'failed'`;
  const hasEnded = sql`${t.processedAt} is not null`;
  const isIt = and(eq(t.host, p('host')), eq(t.guid, p('guid')));
  const insert = prepare<{ guid: string }>(
    db.insert(t).values(slots(t)).onConflictDoNothing().returning({ guid: t.guid }),
  );
  const one = () => db.select().from(t).where(isIt);
  const find = prepare<Delivery>(one());
  const locked = prepare<Delivery>(lock(one()));
  const save = prepare(
    db
      .update(t)
      .set(slots(t, ['host', 'guid']))
      .where(isIt),
  );
  const due = prepare<Delivery>(
    db
      .select()
      .from(t)
      .where(and(isPending, lte(t.nextAttemptAt, integer('now'))))
      .orderBy(asc(t.nextAttemptAt))
      .limit(rows('limit')),
  );
  const countPending = prepare<{ n: number }>(db.select({ n: sql<number>`count(*)` }).from(t).where(isPending));
  const countFailed = prepare<{ n: number }>(db.select({ n: sql<number>`count(*)` }).from(t).where(hasFailed));
  const ended = db
    .select({ host: t.host, guid: t.guid })
    .from(t)
    .where(and(hasEnded, lte(t.processedAt, integer('at'))))
    .limit(rows('limit'));
  const forget = prepare(db.delete(t).where(sql`(${t.host}, ${t.guid}) in ${ended}`));

  return {
    insert: async (delivery) => (await insert.execute({ ...delivery })).length > 0,
    find: async (host, guid) => first(await find.execute({ host, guid })),
    lock: async (host, guid) => first(await locked.execute({ host, guid })),
    save: async (delivery) => {
      await save.execute({ ...delivery });
    },
    due: (now, limit) => due.execute({ now, limit }),
    known: async (host, guids) => {
      if (guids.length === 0) return new Set();
      const found = await db
        .select({ guid: t.guid })
        .from(t)
        .where(and(eq(t.host, host), inArray(t.guid, [...guids])));
      return new Set(found.map(({ guid }) => guid));
    },
    totals: async () => ({
      pending: Number(first(await countPending.execute())?.n ?? 0),
      failed: Number(first(await countFailed.execute())?.n ?? 0),
    }),
    forgetEnded: async (at, limit) => {
      await forget.execute({ at, limit });
    },
  };
}
