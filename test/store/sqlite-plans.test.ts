import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { columns } from '../../server/store/columns.sqlite.ts';
import type { Db } from '../../server/store/queries/statement.ts';
import { defineSchema } from '../../server/store/schema.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { indexed, recordingTx } from './plans.ts';

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
  if (indexes.includes('jobs_queue')) expect(plan).not.toContain('TEMP B-TREE');
});

function explain(sql: string): string {
  const parameters = sql.split('?').length - 1;
  const steps = database.prepare(`explain query plan ${sql}`).all(...Array(parameters).fill(null));
  return (steps as { detail: string }[]).map(({ detail }) => detail).join('\n');
}
