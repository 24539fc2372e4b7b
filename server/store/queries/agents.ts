import { and, desc, eq, getTableColumns, gte, sql } from 'drizzle-orm';
import type { Agent, Device } from '../../domain/model.ts';
import type { AgentRecords } from '../store.ts';
import { type Connection, first, integer, slots, text } from './statement.ts';

const p = sql.placeholder;

export function agentRecords({ db, schema: { agents, devices }, lock, prepare }: Connection): AgentRecords {
  const insert = prepare(db.insert(agents).values(slots(agents)));
  const insertDevice = prepare(db.insert(devices).values(slots(devices)));
  const find = prepare<Agent>(
    db
      .select()
      .from(agents)
      .where(eq(agents.id, p('id'))),
  );
  const save = prepare(
    db
      .update(agents)
      .set(slots(agents, ['id']))
      .where(eq(agents.id, p('id'))),
  );
  const devicesOf = prepare<Device>(
    db
      .select()
      .from(devices)
      .where(eq(devices.agentId, text('agentId')))
      .orderBy(devices.id),
  );
  const isDevice = and(eq(devices.agentId, p('agentId')), eq(devices.id, p('id')));
  const findDevice = prepare<Device>(db.select().from(devices).where(isDevice));
  const lockDevice = prepare<Device>(lock(db.select().from(devices).where(isDevice)));
  const saveDevice = prepare(
    db
      .update(devices)
      .set(slots(devices, ['agentId', 'id', 'suspicion', 'suspectUntil']))
      .where(isDevice),
  );
  const isSuspicion = (name: string) => name === 'suspicion' || name === 'suspectUntil';
  const columns = Object.keys(getTableColumns(devices)) as (keyof Device)[];
  const saveSuspicion = prepare(
    db
      .update(devices)
      .set(
        slots(
          devices,
          columns.filter((name) => !isSuspicion(name)),
        ),
      )
      .where(isDevice),
  );
  const lastKnown = prepare<Device>(
    db
      .select(getTableColumns(devices))
      .from(agents)
      .innerJoin(devices, eq(devices.agentId, agents.id))
      .where(
        and(
          eq(agents.name, text('name')),
          sql`coalesce(${agents.orgId}, '') = ${text('org')}`,
          eq(devices.id, text('id')),
        ),
      )
      .orderBy(desc(agents.registeredAt), desc(agents.id))
      .limit(1),
  );
  const online = prepare<{ agent: Agent; device: Device }>(
    db
      .select({ agent: agents, device: devices })
      .from(agents)
      .innerJoin(devices, eq(devices.agentId, agents.id))
      .where(gte(agents.lastHeartbeatAt, integer('since')))
      .orderBy(agents.name, devices.id),
  );

  return {
    insert: async (agent, all) => {
      await insert.execute({ ...agent });
      for (const device of all) await insertDevice.execute({ ...device });
    },
    insertDevice: async (device) => {
      await insertDevice.execute({ ...device });
    },
    find: async (id) => first(await find.execute({ id })),
    list: async (orgId, offset, limit) =>
      await db
        .select()
        .from(agents)
        .where(orgId === null ? undefined : eq(agents.orgId, orgId))
        .orderBy(desc(agents.registeredAt), desc(agents.id))
        .offset(offset)
        .limit(limit),
    save: async (agent) => {
      await save.execute({ ...agent });
    },
    devicesOf: (agentId) => devicesOf.execute({ agentId }),
    findDevice: async (agentId, id) => first(await findDevice.execute({ agentId, id })),
    lockDevice: async (agentId, id) => first(await lockDevice.execute({ agentId, id })),
    saveDevice: async (device) => {
      await saveDevice.execute({ ...device });
    },
    saveSuspicion: async ({ agentId, id, suspicion, suspectUntil }) => {
      await saveSuspicion.execute({ agentId, id, suspicion, suspectUntil });
    },
    // no organisation has an empty id
    lastKnownDevice: async ({ orgId, name }, id) => first(await lastKnown.execute({ org: orgId ?? '', name, id })),
    onlineDevices: (since) => online.execute({ since }),
  };
}
