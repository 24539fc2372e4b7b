import { and, asc, eq, getTableColumns, gt, sql } from 'drizzle-orm';
import type { Attempt } from '../../domain/model.ts';
import type { AttemptWithoutTests, ResultRecords, StoredEvent } from '../store.ts';
import { type Connection, first, integer, rows, slots, text } from './statement.ts';

const p = sql.placeholder;

export function resultRecords({ db, schema: { attempts, events, jobs }, prepare }: Connection): ResultRecords {
  const { tests, ...withoutTests } = getTableColumns(attempts);
  const insert = prepare(db.insert(attempts).values(slots(attempts)));
  const find = prepare<Attempt>(
    db
      .select()
      .from(attempts)
      .where(and(eq(attempts.jobId, p('jobId')), eq(attempts.number, p('number')))),
  );
  const ofJob = prepare<AttemptWithoutTests>(
    db
      .select(withoutTests)
      .from(attempts)
      .where(eq(attempts.jobId, text('jobId')))
      .orderBy(asc(attempts.number)),
  );
  const ofRun = prepare<AttemptWithoutTests>(
    db
      .select(withoutTests)
      .from(attempts)
      .innerJoin(jobs, eq(jobs.id, attempts.jobId))
      .where(eq(jobs.runId, text('runId')))
      .orderBy(asc(attempts.number)),
  );
  const fullOfJob = prepare<Attempt>(
    db
      .select()
      .from(attempts)
      .where(eq(attempts.jobId, text('jobId')))
      .orderBy(asc(attempts.number)),
  );
  const fullOfRun = prepare<Attempt>(
    db
      .select({ ...withoutTests, tests })
      .from(attempts)
      .innerJoin(jobs, sql`${attempts.jobId} = coalesce(${jobs.carriedFrom}, ${jobs.id})`)
      .where(eq(jobs.runId, text('runId')))
      .orderBy(asc(attempts.number)),
  );
  const insertEvent = prepare(db.insert(events).values(slots(events, ['seq'])));
  const eventsSince = prepare<StoredEvent>(
    db
      .select({ runId: events.runId, version: events.version, type: events.type, data: events.data })
      .from(events)
      .where(and(eq(events.runId, text('runId')), gt(events.version, integer('version'))))
      .orderBy(asc(events.version), asc(events.seq))
      .limit(rows('limit')),
  );

  return {
    insert: async (attempt) => {
      await insert.execute({ ...attempt });
    },
    find: async (jobId, number) => first(await find.execute({ jobId, number })),
    ofJob: (jobId) => ofJob.execute({ jobId }),
    ofRun: (runId) => ofRun.execute({ runId }),
    fullOfJob: (jobId) => fullOfJob.execute({ jobId }),
    fullOfRun: (runId) => fullOfRun.execute({ runId }),
    insertEvent: async (event) => {
      await insertEvent.execute({ ...event });
    },
    eventsSince: (runId, version, limit) => eventsSince.execute({ runId, version, limit }),
  };
}
