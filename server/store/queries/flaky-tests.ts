import { and, desc, eq, sql } from 'drizzle-orm';
import type { FlakyRecord, FlakyRecords } from '../learnt-records.ts';
import { type Connection, integer, rows, slots, text } from './statement.ts';

/** Scores are kept in thousandths: every engine has whole numbers. */
const thousandths = 1000;

export function flakyTestRecords({ db, schema: { flakyTests }, prepare }: Connection): FlakyRecords {
  const ofFile = prepare<FlakyRecord>(
    db
      .select()
      .from(flakyTests)
      .where(
        and(
          eq(flakyTests.orgId, text('orgId')),
          eq(flakyTests.testPath, text('testPath')),
          eq(flakyTests.target, text('target')),
        ),
      )
      .orderBy(desc(flakyTests.seenAt))
      .limit(rows('limit')),
  );
  const save = prepare(
    db
      .insert(flakyTests)
      .values(slots(flakyTests))
      .onConflictDoUpdate({
        target: [flakyTests.orgId, flakyTests.testPath, flakyTests.target, flakyTests.titleHash],
        set: {
          score: sql`excluded.score`,
          atAttempt: sql`excluded.at_attempt`,
          seenAt: sql`excluded.seen_at`,
        },
      }),
  );
  const forget = prepare(
    db.delete(flakyTests).where(
      sql`(org_id, test_path, target, title_hash) in (
        select f.org_id, f.test_path, f.target, f.title_hash from ${flakyTests} f
        where f.seen_at < ${integer('before')} order by f.seen_at limit ${integer('limit')})`,
    ),
  );
  return {
    ofFile: async (orgId, testPath, target, limit) =>
      (await ofFile.execute({ orgId, testPath, target, limit })).map((row) => ({
        ...row,
        score: row.score / thousandths,
      })),
    save: async (record) => {
      await save.execute({ ...record, score: Math.round(record.score * thousandths) });
    },
    forget: async (before, limit) => {
      await forget.execute({ before, limit });
    },
  };
}
