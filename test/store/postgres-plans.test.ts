import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { columns } from '../../server/store/columns.postgres.ts';
import { openPostgres } from '../../server/store/postgres.ts';
import type { Db } from '../../server/store/queries/statement.ts';
import { defineSchema } from '../../server/store/schema.ts';
import { createDatabase } from '../support/postgres.ts';
import { lease, noon } from '../support/records.ts';
import { openScenario } from '../support/scenario.ts';
import { statementsOfClaims, storeOf } from './claim-plans.ts';
import { indexed, recordingTx } from './plans.ts';

const url = await createDatabase(inject('postgresUrl'), 'store_plans');
await (await openPostgres(url)).close();
const client = new pg.Client(url);
await client.connect();
afterAll(() => client.end());
const { tx, ran } = recordingTx(drizzle(client) as unknown as Db, defineSchema(columns), (query) => query);

// empty tables would be read whole whatever indexes they have
await client.query('set enable_seqscan = off');
// and of two indexes on nothing either is as good
for (let i = 0; i < 300; i++)
  await tx.leases.insert(lease({ agentId: `agent-${i}`, groupId: `group-${i}`, expiresAt: noon + i }));
await client.query('analyze leases');

test('no statement of any claim reads a table of jobs, attempts, runs or leases', async () => {
  const scenario = await openScenario('SQLite');
  try {
    const statements = await statementsOfClaims({ ...scenario.deps, store: storeOf(tx) }, ran);
    expect(statements.length).toBeGreaterThan(20);
    for (const statement of statements) {
      if (statement.startsWith('insert')) continue;
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${statement}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(`${statement}\n${plan}`).not.toMatch(/Seq Scan on (jobs|attempts|runs|events|leases)\b/);
    }
  } finally {
    await scenario.close();
  }
});

test.each(indexed)('$title: found by index', async ({ work, indexes }) => {
  ran.length = 0;
  await work(tx);
  expect(ran).toHaveLength(1);
  // the plan for any values, as a prepared statement comes to have it
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${ran[0]}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  for (const index of indexes) expect(plan).toMatch(new RegExp(`(using|on) ${index}`));
  expect(plan).not.toContain('Seq Scan');
});
