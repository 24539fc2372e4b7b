import { and, asc, eq, gte, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { type CheckLane, type CheckRun, progressEveryMs, urgencies } from '../../domain/check/run.ts';
import type { CheckRecords } from '../check-records.ts';
import { type Connection, first, integer, rows, slots, text } from './statement.ts';

const p = sql.placeholder;

export function checkRecords(connection: Connection): CheckRecords {
  return { ...notes(connection), ...lanes(connection) };
}

function notes({ db, schema: { checkRuns: t, checkLanes }, lock, prepare }: Connection) {
  const insert = prepare(db.insert(t).values(slots(t)));
  const insertLane = prepare(db.insert(checkLanes).values(slots(checkLanes)).onConflictDoNothing());
  const byId = () =>
    db
      .select()
      .from(t)
      .where(eq(t.runId, p('runId')));
  const find = prepare<CheckRun>(byId());
  const locked = prepare<CheckRun>(lock(byId()));
  const save = prepare(
    db
      .update(t)
      .set(slots(t, ['runId', 'host', 'owner', 'headSha', 'externalId', 'createdAt']))
      .where(eq(t.runId, p('runId'))),
  );
  const sooner = (at: SQL) => sql`case when ${t.dueAt} is null or ${t.dueAt} > ${at} then ${at} else ${t.dueAt} end`;
  const generation = sql`${t.generation} + 1`;
  const wantNow = prepare(
    db
      .update(t)
      .set({
        generation,
        state: 'open',
        urgency: sql`case when ${t.dueAt} is null or ${t.urgency} > ${integer('urgency')} then ${integer('urgency')} else ${t.urgency} end`,
        dueAt: sooner(integer('now')),
      })
      .where(eq(t.runId, p('runId'))),
  );
  const wantProgress = prepare(
    db
      .update(t)
      .set({
        generation,
        urgency: sql`case when ${t.dueAt} is null then ${sql.raw(String(urgencies.progress))} else ${t.urgency} end`,
        dueAt: sooner(sql`coalesce(${t.takenAt} + ${sql.raw(String(progressEveryMs))}, ${integer('now')})`),
      })
      .where(and(eq(t.runId, p('runId')), eq(t.state, 'open'))),
  );
  const resume = prepare(
    db
      .update(t)
      .set({ state: 'open', urgency: urgencies.state, dueAt: sql`${p('now')}`, notBefore: 0 })
      .where(
        and(
          eq(t.host, p('host')),
          eq(t.owner, p('owner')),
          // a literal, since neither engine uses a partial index for a value it is told only later
          sql`${t.state} = 'unpostable'`,
          gte(t.createdAt, p('since')),
        ),
      ),
  );

  return {
    insert: async (check: CheckRun) => {
      const { host, owner } = check;
      await insertLane.execute({ ...newLane, host, owner });
      await insert.execute({ ...check });
    },
    want: async (runId: string, urgency: CheckRun['urgency'], now: number) => {
      if (urgency === urgencies.progress) await wantProgress.execute({ runId, now });
      else await wantNow.execute({ runId, urgency, now });
    },
    find: async (runId: string) => first(await find.execute({ runId })),
    lock: async (runId: string) => first(await locked.execute({ runId })),
    save: async (check: CheckRun) => {
      await save.execute({ ...check });
    },
    resume: async ({ host, owner }: Pick<CheckLane, 'host' | 'owner'>, since: number, now: number) => {
      await resume.execute({ host, owner, since, now });
    },
  };
}

const newLane = { installationId: null, notBefore: 0, failures: 0, leaseToken: null, leaseExpiresAt: null };

function lanes({ db, schema: { checkRuns: t, checkLanes: lane }, prepare }: Connection) {
  const isDue = and(sql`${t.dueAt} is not null`, lte(t.dueAt, integer('now')), lte(t.notBefore, integer('now')));
  // + 0 keeps SQLite from ranging over all that is due at the host, which sorts it each time
  const isDueHere = and(
    sql`${t.dueAt} is not null`,
    lte(sql`${t.dueAt} + 0`, integer('now')),
    lte(t.notBefore, integer('now')),
  );
  const isFree = and(
    lte(lane.notBefore, integer('now')),
    or(isNull(lane.leaseExpiresAt), lte(lane.leaseExpiresAt, integer('now'))),
  );
  const owners = db
    .select({ owner: t.owner })
    .from(t)
    .where(and(eq(t.host, text('host')), isDue));
  const due = prepare<CheckLane>(
    db
      .select()
      .from(lane)
      .where(and(eq(lane.host, text('host')), isFree, sql`${lane.owner} in ${owners}`))
      .orderBy(asc(lane.notBefore), asc(lane.owner))
      .limit(rows('limit')),
  );
  const lease = prepare<CheckLane>(
    db
      .update(lane)
      .set({ leaseToken: sql`${p('token')}`, leaseExpiresAt: sql`${p('expiresAt')}` })
      .where(and(eq(lane.host, text('host')), eq(lane.owner, text('owner')), isFree))
      .returning(),
  );
  const head = prepare<CheckRun>(
    db
      .select()
      .from(t)
      .where(and(eq(t.host, text('host')), eq(t.owner, text('owner')), isDueHere))
      .orderBy(asc(t.urgency), asc(t.dueAt), asc(t.runId))
      .limit(1),
  );
  const unmade = prepare<CheckRun>(
    db
      .select()
      .from(t)
      .where(
        and(
          eq(t.host, text('host')),
          eq(t.repositoryId, integer('repositoryId')),
          eq(t.headSha, text('headSha')),
          eq(t.name, text('name')),
          sql`${t.remoteId} is null`,
          sql`${t.dueAt} is not null`,
        ),
      )
      .orderBy(asc(t.createdAt), asc(t.runId))
      .limit(1),
  );
  const release = prepare<{ owner: string }>(
    db
      .update(lane)
      .set({
        installationId: sql`${p('installationId')}`,
        notBefore: sql`${p('notBefore')}`,
        failures: sql`${p('failures')}`,
        leaseToken: null,
        leaseExpiresAt: null,
      })
      .where(and(eq(lane.host, p('host')), eq(lane.owner, p('owner')), eq(lane.leaseToken, p('token'))))
      .returning({ owner: lane.owner }),
  );
  return {
    dueLanes: (host: string, now: number, limit: number) => due.execute({ host, now, limit }),
    lease: async (
      { host, owner }: Pick<CheckLane, 'host' | 'owner'>,
      { token, expiresAt }: { token: string; expiresAt: number },
      now: number,
    ) => first(await lease.execute({ host, owner, token, expiresAt, now })),
    head: async ({ host, owner }: Pick<CheckLane, 'host' | 'owner'>, now: number) =>
      first(await head.execute({ host, owner, now })),
    firstUnmade: async ({ host, repositoryId, headSha, name }: CheckRun) =>
      first(await unmade.execute({ host, repositoryId, headSha, name })),
    release: async (released: CheckLane, token: string) => (await release.execute({ ...released, token })).length > 0,
  };
}
