import { and, eq, sql } from 'drizzle-orm';
import type { DurationRecord, DurationRecords } from '../learnt-records.ts';
import { type Connection, slots, text } from './statement.ts';

export function durationRecords({ db, schema: { durations }, prepare }: Connection): DurationRecords {
  const ofTest = prepare<DurationRecord>(
    db
      .select()
      .from(durations)
      .where(
        and(
          eq(durations.orgId, text('orgId')),
          eq(durations.testPath, text('testPath')),
          eq(durations.target, text('target')),
        ),
      ),
  );
  const save = prepare(
    db
      .insert(durations)
      .values(slots(durations))
      .onConflictDoUpdate({
        target: [durations.orgId, durations.testPath, durations.target, durations.platform],
        set: {
          medianMs: sql`excluded.median_ms`,
          seen: sql`excluded.seen`,
          passedAppVersionId: sql`excluded.passed_app_version_id`,
        },
      }),
  );
  return {
    ofTest: async (orgId, testPath, target) =>
      (await ofTest.execute({ orgId, testPath, target })).sort((a, b) => b.seen - a.seen),
    save: async (record) => {
      await save.execute({ ...record });
    },
  };
}
