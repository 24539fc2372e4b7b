import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { columns } from '../../server/store/columns.sqlite.ts';
import type { Db } from '../../server/store/queries/statement.ts';
import { defineSchema } from '../../server/store/schema.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import { openScenario } from '../support/scenario.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { statementsOfClaims, storeOf } from './claim-plans.ts';
import { indexed, recordingTx } from './plans.ts';

/** A step that reads a whole table, or all of an index that is not of what is active only. */
const scans = /^SCAN (jobs|attempts|runs|events|leases|j|r)\b(?! USING (COVERING )?INDEX (leases_|jobs_lease))/m;

const file = temporaryFolder().file('plans.db');
await openSqlite(file).close();
const database = new Database(file);
afterAll(() => void database.close());
const { tx, ran } = recordingTx(drizzle(database) as unknown as Db, defineSchema(columns), (query) => query);

test.each(indexed)('$title: found by index, without reading or sorting a table', async ({ work, indexes }) => {
  ran.length = 0;
  await work(tx);
  expect(ran).toHaveLength(1);
  const plan = explain(ran[0] ?? '');
  for (const index of indexes) {
    const isPrimaryKey = index === 'attempts' || index === 'durations';
    expect(plan).toContain(`INDEX ${isPrimaryKey ? `sqlite_autoindex_${index}` : index}`);
  }
  expect(plan).not.toMatch(/^SCAN (?!.*USING (COVERING )?INDEX)/m);
  if (indexes.some((index) => index === 'jobs_queue' || index === 'jobs_org'))
    expect(plan).not.toContain('TEMP B-TREE');
});

test('no statement of any claim reads or sorts a table of jobs, attempts, runs or leases', async () => {
  const scenario = await openScenario('SQLite');
  try {
    const statements = await statementsOfClaims({ ...scenario.deps, store: storeOf(tx) }, ran);
    expect(statements.length).toBeGreaterThan(20);
    for (const statement of statements) {
      if (statement.startsWith('insert')) continue;
      expect(`${statement}\n${explain(statement)}`).not.toMatch(scans);
    }
  } finally {
    await scenario.close();
  }
});

test('the check itself sees a statement that scans jobs', () => {
  expect(explain("select * from jobs where test_path = 'a'")).toMatch(scans);
});

function explain(sql: string): string {
  const parameters = sql.split('?').length - 1;
  const steps = database.prepare(`explain query plan ${sql}`).all(...Array(parameters).fill(null));
  return (steps as { detail: string }[]).map(({ detail }) => detail).join('\n');
}
