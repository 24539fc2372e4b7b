import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { Group } from '../../domain/model.ts';
import { fromRank, rankOf } from '../rank.ts';
import type { GroupRecords } from '../store.ts';
import { type Connection, first } from './statement.ts';

const p = sql.placeholder;

interface Row extends Omit<Group, 'headPriority' | 'headEnqueuedAt'> {
  headRank: number;
}

export function groupRecords({ db, schema: { groups, installTimes, jobs }, lock, prepare }: Connection): GroupRecords {
  const enqueue = prepare(
    db
      .insert(groups)
      .values({
        id: p('id'),
        orgId: p('orgId'),
        appVersionId: p('appVersionId'),
        target: p('target'),
        devices: p('devices'),
        queued: p('count'),
        active: 0,
        workMs: p('workMs'),
        headRank: p('rank'),
      } as never)
      .onConflictDoUpdate({
        target: groups.id,
        set: {
          queued: sql`${groups.queued} + excluded.queued`,
          workMs: sql`${groups.workMs} + excluded.work_ms`,
          headRank: sql`case when ${groups.queued} = 0 or excluded.head_rank < ${groups.headRank}
            then excluded.head_rank else ${groups.headRank} end`,
        },
      }),
  );
  // of this version, before its first install of any of the organisation's
  const installMsOf = (appVersionId: SQL) => sql`(select i.median_ms from ${installTimes} i
    where i.org_id = ${groups}.org_id and i.app_version_id = ${appVersionId} and i.target = ${groups}.target)`;
  const columns = {
    ...getTableColumns(groups),
    // names in full: drizzle leaves out the table where a query has one only
    installMs: sql<number | null>`coalesce(${installMsOf(sql`${groups}.app_version_id`)}, ${installMsOf(sql`''`)})`,
  };
  const byId = () =>
    db
      .select(columns)
      .from(groups)
      .where(eq(groups.id, p('id')));
  const find = prepare<Row>(byId());
  const locked = prepare<Row>(lock(byId()));
  // literals, since neither engine uses a partial index for a value it is told only later
  const hasWork = sql`${groups.queued} > 0`;
  const waiting = prepare<Row>(
    db
      .select(columns)
      .from(groups)
      .where(and(eq(groups.target, p('target')), hasWork)),
  );
  const waitingOfOrg = prepare<Row>(
    db
      .select(columns)
      .from(groups)
      .where(and(eq(groups.target, p('target')), hasWork, eq(groups.orgId, p('orgId')))),
  );
  const totalsOf = (orgId: string | null) =>
    db
      .select({
        queued: sql<number | null>`sum(${groups.queued})`,
        active: sql<number | null>`sum(${groups.active})`,
        // ranks hold the priority as well: cut it off
        oldest: sql<number | null>`min(case when ${groups.queued} > 0 then ${groups.headRank} % 100000000000000 end)`,
      })
      .from(groups)
      .where(
        and(
          sql`(${groups.queued} > 0 or ${groups.active} > 0)`,
          orgId === null ? undefined : eq(groups.orgId, p('orgId')),
        ),
      );
  const totals = prepare<{ queued: number | null; active: number | null; oldest: number | null }>(totalsOf(null));
  const totalsOfOrg = prepare<{ queued: number | null; active: number | null; oldest: number | null }>(totalsOf(''));
  const countOnly = prepare(
    db
      .update(groups)
      .set({ active: sql`${groups.active} + ${p('active')}` })
      .where(eq(groups.id, p('id'))),
  );
  const move = prepare(
    db
      .update(groups)
      .set({
        queued: sql`${groups.queued} + ${p('queued')}`,
        active: sql`${groups.active} + ${p('active')}`,
        workMs: sql`${groups.workMs} + ${p('workMs')}`,
        headRank: sql`coalesce((select ${jobs.rank} from ${jobs} where ${jobs.groupId} = ${groups.id}
          and ${jobs.status} = 'queued' order by ${jobs.rank}, ${jobs.seq} limit 1), 0)`,
      })
      .where(eq(groups.id, p('id'))),
  );

  return {
    enqueue: async (group, { count, workMs, priority, enqueuedAt }) => {
      await enqueue.execute({ ...group, count, workMs, rank: rankOf(priority, enqueuedAt) });
    },
    find: async (id) => toGroup(first(await find.execute({ id }))),
    lock: async (id) => toGroup(first(await locked.execute({ id }))),
    waiting: async (target, orgId) => {
      const rows = orgId === null ? await waiting.execute({ target }) : await waitingOfOrg.execute({ target, orgId });
      return rows.map(fromRow);
    },
    totals: async (orgId) => {
      const row = first(orgId === null ? await totals.execute() : await totalsOfOrg.execute({ orgId }));
      return {
        queued: Number(row?.queued ?? 0),
        active: Number(row?.active ?? 0),
        oldestEnqueuedAt: row?.oldest == null ? null : Number(row.oldest),
      };
    },
    move: async (id, by) => {
      if (by.queued === 0 && by.active === 0) return;
      await (by.queued === 0 ? countOnly : move).execute({ id, ...by });
    },
  };
}

function fromRow({ headRank, installMs, ...row }: Row): Group {
  const head = fromRank(headRank);
  return {
    ...row,
    installMs: installMs === null ? null : Number(installMs),
    headPriority: head.priority,
    headEnqueuedAt: head.enqueuedAt,
  };
}

const toGroup = (row: Row | undefined) => row && fromRow(row);
