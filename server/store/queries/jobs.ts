import { and, asc, count, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Job } from '../../domain/model.ts';
import { rankOf } from '../rank.ts';
import { Conflict, type JobRecords } from '../store.ts';
import { listConditions } from './runs.ts';
import { type Connection, first, integer, rows, slots, text } from './statement.ts';

const p = sql.placeholder;

/** What never changes in a job once it is written. */
const fixed = [
  'seq',
  'id',
  'runId',
  'orgId',
  'repositoryId',
  'position',
  'groupId',
  'appVersionId',
  'testPath',
  'target',
  'priority',
  'carriedFrom',
  'createdAt',
  'enqueuedAt',
  'rank',
  'estimateMs',
] as const;

interface Place {
  rank: number;
  seq: number;
}

/** Jobs that are counted one by one on either side; beyond, places are estimated, so that the cost has an end. */
const counted = 1000;

export function jobRecords({ db, schema: { jobs, runs }, prepare }: Connection): JobRecords {
  // a literal, since neither engine uses a partial index for a value it is told only later
  const isQueued = sql`${jobs.status} = 'queued'`;
  // the loop ends what has lapsed; until it comes round, no device may begin it
  const isWanted = sql`not exists (select 1 from ${runs} r where r.id = ${jobs}.run_id and (
    r.client_lease_expires_at <= ${integer('now')}
    or (r.queue_deadline_at <= ${integer('now')} and ${jobs}.attempts = 0)))`;
  const insert = prepare(db.insert(jobs).values(slots(jobs, ['seq'])));
  const find = prepare<Job>(
    db
      .select()
      .from(jobs)
      .where(eq(jobs.id, p('id'))),
  );
  const ofRun = prepare<Job>(
    db
      .select()
      .from(jobs)
      .where(eq(jobs.runId, text('runId')))
      .orderBy(asc(jobs.position)),
  );
  const ofRunSince = prepare<Job>(
    db
      .select()
      .from(jobs)
      .where(and(eq(jobs.runId, text('runId')), gt(jobs.version, integer('version'))))
      .orderBy(asc(jobs.version)),
  );
  const ofLease = prepare<Job>(
    db
      .select()
      .from(jobs)
      .where(eq(jobs.leaseId, p('leaseId'))),
  );
  const heads = prepare<Job>(
    db
      .select()
      .from(jobs)
      .where(and(eq(jobs.groupId, text('groupId')), isQueued, isWanted))
      .orderBy(asc(jobs.rank), asc(jobs.seq))
      .limit(rows('limit')),
  );
  const save = prepare<{ id: string }>(
    db
      .update(jobs)
      .set(slots(jobs, [...fixed]))
      .where(and(eq(jobs.id, p('id')), eq(jobs.version, p('fromVersion'))))
      .returning({ id: jobs.id }),
  );
  const regroup = prepare(
    db
      .update(jobs)
      .set({ groupId: sql`${p('groupId')}`, version: sql`${p('version')}` })
      .where(and(eq(jobs.runId, p('runId')), isQueued)),
  );
  const place = db
    .select({ rank: jobs.rank, seq: jobs.seq })
    .from(jobs)
    .where(eq(jobs.id, p('id')));
  const placeOf = prepare<Place>(place);
  /** A group's waiting jobs from one place on, one way or the other. */
  const beside = (is: '<' | '>') =>
    db
      .select({ one: sql`1`.as('one') })
      .from(jobs)
      .where(
        and(
          eq(jobs.groupId, text('groupId')),
          isQueued,
          sql`(${jobs.rank}, ${jobs.seq}) ${sql.raw(is)} (${integer('rank')}, ${integer('seq')})`,
        ),
      )
      .orderBy(...(is === '<' ? [desc(jobs.rank), desc(jobs.seq)] : [asc(jobs.rank), asc(jobs.seq)]))
      .limit(counted);
  const countOf = (some: ReturnType<typeof beside>) =>
    prepare<{ n: number }>(db.select({ n: count() }).from(some.as('beside')));
  const [before, after] = [countOf(beside('<')), countOf(beside('>'))];
  const end = (way: typeof asc) =>
    db
      .select({ rank: jobs.rank, seq: jobs.seq })
      .from(jobs)
      .where(and(eq(jobs.groupId, text('groupId')), isQueued))
      .orderBy(way(jobs.rank), way(jobs.seq))
      .limit(1);
  const firstPlace = prepare<Place>(end(asc));
  const lastPlace = prepare<Place>(end(desc));

  async function countAhead({ id, groupId }: Job, queued: number): Promise<number> {
    const at = first(await placeOf.execute({ id }));
    if (!at) return 0;
    const ahead = Number(first(await before.execute({ groupId, ...at }))?.n);
    if (ahead < counted) return ahead;
    const behind = Number(first(await after.execute({ groupId, ...at }))?.n);
    if (behind < counted) return Math.max(ahead, queued - 1 - behind);
    const [head, tail] = [first(await firstPlace.execute({ groupId })), first(await lastPlace.execute({ groupId }))];
    const span = (tail?.seq ?? at.seq) - (head?.seq ?? at.seq);
    // jobs of one group were mostly written in the order that they wait in
    const share = span > 0 ? Math.min(1, Math.max(0, (at.seq - (head?.seq ?? 0)) / span)) : 0.5;
    return Math.round(counted + share * Math.max(0, queued - 1 - 2 * counted));
  }

  return {
    insert: async (all) => {
      for (const job of all) await insert.execute({ ...job, rank: rankOf(job.priority, job.enqueuedAt) });
    },
    find: async (id) => first(await find.execute({ id })),
    ofRun: (runId) => ofRun.execute({ runId }),
    ofRunSince: (runId, version) => ofRunSince.execute({ runId, version }),
    ofLease: (leaseId) => ofLease.execute({ leaseId }),
    heads: (groupId, limit, now) => heads.execute({ groupId, limit, now }),
    save: async (job, fromVersion) => {
      const written = await save.execute({ ...job, fromVersion });
      if (written.length === 0) throw new Conflict(`job ${job.id} has left version ${fromVersion}`);
    },
    regroup: async (runId, groupId, version) => {
      await regroup.execute({ runId, groupId, version });
    },
    countAhead,
    list: async (filter) =>
      await db
        .select()
        .from(jobs)
        .where(
          and(
            ...listConditions(jobs, filter),
            filter.status ? eq(jobs.status, filter.status) : undefined,
            filter.headSha
              ? inArray(jobs.runId, db.select({ id: runs.id }).from(runs).where(eq(runs.headSha, filter.headSha)))
              : undefined,
          ),
        )
        .orderBy(desc(jobs.seq))
        .limit(filter.limit),
  };
}
