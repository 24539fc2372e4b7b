import { and, eq, sql } from 'drizzle-orm';
import type { DurationHistory } from '../../domain/estimate.ts';
import type { InstallTimeRecords } from '../learnt-records.ts';
import { type Connection, first, slots, text } from './statement.ts';

/** No app version is called so: ids are not empty. */
const anyVersion = '';

export function installTimeRecords({ db, schema: { installTimes }, prepare }: Connection): InstallTimeRecords {
  const find = prepare<DurationHistory>(
    db
      .select({ medianMs: installTimes.medianMs, seen: installTimes.seen })
      .from(installTimes)
      .where(
        and(
          eq(installTimes.orgId, text('orgId')),
          eq(installTimes.appVersionId, text('appVersionId')),
          eq(installTimes.target, text('target')),
        ),
      ),
  );
  const save = prepare(
    db
      .insert(installTimes)
      .values(slots(installTimes))
      .onConflictDoUpdate({
        target: [installTimes.orgId, installTimes.appVersionId, installTimes.target],
        set: { medianMs: sql`excluded.median_ms`, seen: sql`excluded.seen` },
      }),
  );
  return {
    find: async ({ orgId, appVersionId, target }) =>
      first(await find.execute({ orgId, appVersionId: appVersionId ?? anyVersion, target })),
    save: async ({ appVersionId, ...record }) => {
      await save.execute({ ...record, appVersionId: appVersionId ?? anyVersion });
    },
  };
}
