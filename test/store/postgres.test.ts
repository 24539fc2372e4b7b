import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { openPostgres } from '../../server/store/postgres.ts';
import { createDatabase } from '../support/postgres.ts';
import { storeSuite } from './store.suite.ts';

const url = await createDatabase(inject('postgresUrl'), 'store_suite');
const store = await openPostgres(url);
const client = new pg.Client(url);
await client.connect();

afterAll(async () => {
  await store.close();
  await client.end();
});

storeSuite('Postgres', async () => {
  const { rows } = await client.query<{ all: string }>(
    `select string_agg(quote_ident(tablename), ', ') as all from pg_tables where schemaname = 'public'`,
  );
  await client.query(`truncate ${rows[0]?.all} restart identity`);
  return store;
});
