import { expect, inject, test } from 'vitest';
import { openPostgres } from '../../server/store/postgres.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { createDatabase } from '../support/postgres.ts';
import { job, noon } from '../support/records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const engines: [string, () => Promise<Store>][] = [
  ['SQLite', async () => openSqlite(temporaryFolder().file('ahead.db'))],
  ['Postgres', async () => openPostgres(await createDatabase(inject('postgresUrl'), 'count_ahead'))],
];

test.each(engines)(
  'on %s the first and last thousand places in line are exact, those between about right',
  async (_, open) => {
    const store = await open();
    try {
      const jobs = Array.from({ length: 4000 }, () => job({ groupId: 'long' }));
      await store.transaction((tx) => tx.jobs.insert(jobs));
      const aheadOf = (n: number) => store.read((tx) => tx.jobs.countAhead(jobs[n] ?? job(), 4000));
      for (const n of [0, 1, 999, 3001, 3998, 3999]) expect(await aheadOf(n)).toBe(n);
      expect(Math.abs((await aheadOf(2000)) - 2000)).toBeLessThan(100);
      expect(await store.read((tx) => tx.jobs.heads('long', 1, noon))).toMatchObject([{ id: jobs[0]?.id }]);
    } finally {
      await store.close();
    }
  },
);
