import { and, desc, eq, gt, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Run } from '../../domain/model.ts';
import { Conflict, type ListFilter, type RunRecords } from '../store.ts';
import { type Connection, first, integer, rows, slots, text } from './statement.ts';

const p = sql.placeholder;

/** What never changes in a run once it is written. */
const fixed = [
  'seq',
  'id',
  'orgId',
  'appVersionId',
  'target',
  'priority',
  'project',
  'devices',
  'attempt',
  'retryOf',
  'createdAt',
  'queueTimeoutMs',
  'testRetries',
  'infraRetries',
  'timeoutSeconds',
  'reset',
  'bundleSha256',
  'clientLeaseMs',
  'github',
  'repositoryId',
  'headSha',
  'rerunKey',
  'contentKey',
  'workflowAttempt',
  'jobsTotal',
] as const;

export function runRecords({ db, schema: { runs }, lock, prepare }: Connection): RunRecords {
  const insert = prepare<{ id: string }>(
    db
      .insert(runs)
      .values(slots(runs, ['seq']))
      .onConflictDoNothing()
      .returning({ id: runs.id }),
  );
  const byId = () =>
    db
      .select()
      .from(runs)
      .where(eq(runs.id, p('id')));
  const find = prepare<Run>(byId());
  const locked = prepare<Run>(lock(byId()));
  const save = prepare<{ id: string }>(
    db
      .update(runs)
      .set(slots(runs, [...fixed]))
      .where(and(eq(runs.id, p('id')), eq(runs.version, p('fromVersion'))))
      .returning({ id: runs.id }),
  );
  const byDedupeKey = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(eq(runs.dedupeKey, p('key'))),
  );
  const bySupersedeKey = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(eq(runs.supersedeKey, p('key'))),
  );
  const earlierAttempt = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(and(eq(runs.rerunKey, text('key')), lt(runs.workflowAttempt, integer('workflowAttempt'))))
      .orderBy(desc(runs.seq))
      .limit(1),
  );
  const retries = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(eq(runs.retryOf, text('runId')))
      .orderBy(desc(runs.seq))
      .limit(rows('limit')),
  );
  const ofCommit = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(and(eq(runs.headSha, text('headSha')), eq(runs.repositoryId, integer('repositoryId'))))
      .orderBy(desc(runs.seq))
      .limit(rows('limit')),
  );
  // a literal, since neither engine uses a partial index for a value it is told only later
  const isActive = sql`${runs.status} <> 'completed'`;
  const activeOf = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(and(eq(runs.repositoryId, integer('repositoryId')), isActive))
      .orderBy(runs.seq),
  );
  const passedWith = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(and(eq(runs.contentKey, text('contentKey')), eq(runs.conclusion, 'passed')))
      .orderBy(desc(runs.seq))
      .limit(rows('limit')),
  );
  const due = prepare<Run>(
    db
      .select()
      .from(runs)
      .where(or(lte(runs.queueDeadlineAt, p('now')), lte(runs.clientLeaseExpiresAt, p('now'))))
      .limit(p('limit')),
  );

  return {
    insert: async (run) => (await insert.execute({ ...run })).length > 0,
    find: async (id) => first(await find.execute({ id })),
    lock: async (id) => first(await locked.execute({ id })),
    save: async (run, fromVersion) => {
      const written = await save.execute({ ...run, fromVersion });
      if (written.length === 0) throw new Conflict(`run ${run.id} has left version ${fromVersion}`);
    },
    findByDedupeKey: async (key) => first(await byDedupeKey.execute({ key })),
    findBySupersedeKey: (key) => bySupersedeKey.execute({ key }),
    findEarlierAttempt: async (key, workflowAttempt) => first(await earlierAttempt.execute({ key, workflowAttempt })),
    retriesOf: (runId, limit) => retries.execute({ runId, limit }),
    ofCommit: (repositoryId, headSha, limit) => ofCommit.execute({ repositoryId, headSha, limit }),
    activeOf: (repositoryId) => activeOf.execute({ repositoryId }),
    passedWith: (contentKey, limit) => passedWith.execute({ contentKey, limit }),
    list: async (filter) =>
      await db
        .select()
        .from(runs)
        .where(
          and(
            ...listConditions(runs, filter),
            filter.headSha ? eq(runs.headSha, filter.headSha) : undefined,
            filter.status ? eq(runs.status, filter.status) : undefined,
          ),
        )
        .orderBy(desc(runs.seq))
        .limit(filter.limit),
    due: (now, limit) => due.execute({ now, limit }),
  };
}

type Listed = Connection['schema']['runs'] | Connection['schema']['jobs'];

/** The conditions that lists of runs and of jobs share. */
export function listConditions(table: Listed, filter: ListFilter): (SQL | undefined)[] {
  return [
    filter.orgId === null ? undefined : eq(table.orgId, filter.orgId),
    filter.conclusion ? eq(table.conclusion, filter.conclusion) : undefined,
    filter.appVersionId ? eq(table.appVersionId, filter.appVersionId) : undefined,
    filter.target ? eq(table.target, filter.target) : undefined,
    filter.repositoryId === undefined ? undefined : eq(table.repositoryId, filter.repositoryId),
    filter.createdAfter === undefined ? undefined : gt(table.createdAt, filter.createdAfter),
    filter.before === null ? undefined : lt(table.seq, filter.before),
  ];
}
