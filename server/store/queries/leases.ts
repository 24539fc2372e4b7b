import { and, eq, lte, sql } from 'drizzle-orm';
import type { Lease } from '../../domain/model.ts';
import type { LeaseRecords } from '../store.ts';
import { type Connection, first, slots } from './statement.ts';

const p = sql.placeholder;

export function leaseRecords({ db, schema: { leases }, lock, prepare }: Connection): LeaseRecords {
  // a literal, since neither engine uses a partial index for a value it is told only later
  const isActive = sql`${leases.status} = 'active'`;
  const insert = prepare(db.insert(leases).values(slots(leases)));
  const byId = () =>
    db
      .select()
      .from(leases)
      .where(eq(leases.id, p('id')));
  const find = prepare<Lease>(byId());
  const locked = prepare<Lease>(lock(byId()));
  const save = prepare(
    db
      .update(leases)
      .set(slots(leases, ['id', 'token', 'createdAt']))
      .where(eq(leases.id, p('id'))),
  );
  const renew = prepare<{ id: string }>(
    db
      .update(leases)
      .set({ expiresAt: sql`${p('expiresAt')}` })
      .where(and(eq(leases.id, p('id')), eq(leases.agentId, p('agentId')), isActive))
      .returning({ id: leases.id }),
  );
  const active = prepare<Lease>(db.select().from(leases).where(isActive));
  const ofDevice = prepare<Lease>(
    db
      .select()
      .from(leases)
      .where(and(eq(leases.agentId, p('agentId')), eq(leases.deviceId, p('deviceId')), isActive)),
  );
  const expired = prepare<Lease>(
    db
      .select()
      .from(leases)
      .where(and(lte(leases.expiresAt, p('now')), isActive))
      .limit(p('limit')),
  );

  return {
    insert: async (lease) => {
      await insert.execute({ ...lease });
    },
    find: async (id) => first(await find.execute({ id })),
    lock: async (id) => first(await locked.execute({ id })),
    save: async (lease) => {
      await save.execute({ ...lease });
    },
    renew: async (id, agentId, expiresAt) => (await renew.execute({ id, agentId, expiresAt })).length > 0,
    active: () => active.execute(),
    activeOfDevice: async (agentId, deviceId) => first(await ofDevice.execute({ agentId, deviceId })),
    expired: (now, limit) => expired.execute({ now, limit }),
  };
}
