import { and, asc, eq, gt, lte, sql } from 'drizzle-orm';
import type { AppSetup, RegisteredApp } from '../../domain/github/app.ts';
import type { GithubAppRecords } from '../store.ts';
import { type Connection, first, slots } from './statement.ts';

const p = sql.placeholder;

export function githubAppRecords({ db, schema, prepare }: Connection): GithubAppRecords {
  const { githubApps: apps, githubSetups: setups } = schema;
  const ofHost = eq(apps.host, p('host'));
  const list = prepare<RegisteredApp>(db.select().from(apps).orderBy(asc(apps.host)));
  const find = prepare<RegisteredApp>(db.select().from(apps).where(ofHost));
  const insert = prepare<{ host: string }>(
    db.insert(apps).values(slots(apps)).onConflictDoNothing().returning({ host: apps.host }),
  );
  const replace = prepare<{ host: string }>(
    db
      .update(apps)
      .set(slots(apps, ['host']))
      .where(and(ofHost, gt(apps.reopenedUntil, p('now'))))
      .returning({ host: apps.host }),
  );
  const reopen = prepare<{ host: string }>(
    db
      .update(apps)
      .set({ reopenedUntil: sql`${p('until')}` })
      .where(ofHost)
      .returning({ host: apps.host }),
  );
  const remove = prepare<{ host: string }>(db.delete(apps).where(ofHost).returning({ host: apps.host }));
  const insertSetup = prepare(db.insert(setups).values(slots(setups)));
  const takeSetup = prepare<AppSetup>(
    db
      .delete(setups)
      .where(eq(setups.stateHash, p('stateHash')))
      .returning(),
  );
  const forgetSetups = prepare(db.delete(setups).where(lte(setups.expiresAt, p('now'))));

  return {
    list: () => list.execute(),
    find: async (host) => first(await find.execute({ host })),
    insert: async (app) => (await insert.execute({ ...app })).length > 0,
    replace: async (app, now) => (await replace.execute({ ...app, now })).length > 0,
    reopen: async (host, until) => (await reopen.execute({ host, until })).length > 0,
    remove: async (host) => (await remove.execute({ host })).length > 0,
    insertSetup: async (setup) => {
      await insertSetup.execute({ ...setup });
    },
    takeSetup: async (stateHash) => first(await takeSetup.execute({ stateHash })),
    forgetSetups: async (now) => {
      await forgetSetups.execute({ now });
    },
  };
}
