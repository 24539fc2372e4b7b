import { setImmediate as turn } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { openPostgres, type PostgresOptions } from '../../server/store/postgres.ts';
import type { Store } from '../../server/store/store.ts';
import { createDatabase } from '../support/postgres.ts';
import { group, newId, noon, org, run } from '../support/records.ts';

const url = await createDatabase(inject('postgresUrl'), 'store_faults');

async function open(options: PostgresOptions = {}): Promise<Store> {
  const store = await openPostgres(url, options);
  onTestFinished(() => store.close());
  return store;
}

async function connect(address: string): Promise<pg.Client> {
  const client = new pg.Client(address);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

test('units of work that lock two groups in opposite orders both succeed, one of them run again', async () => {
  const store = await open();
  const [one, two] = [group(), group()];
  await store.transaction(async (tx) => {
    for (const each of [one, two])
      await tx.groups.enqueue(each, { count: 1, workMs: 60_000, priority: 5, enqueuedAt: noon });
  });
  let runs = 0;
  let holding = 0;
  const bothHold = Promise.withResolvers<void>();
  const lockBoth = (first: string, second: string) =>
    store.transaction(async (tx) => {
      runs++;
      await tx.groups.lock(first);
      // a unit of work may not wait like this: here it is what makes the deadlock certain
      if (++holding === 2) bothHold.resolve();
      await bothHold.promise;
      await tx.groups.lock(second);
      await tx.groups.move(first, { queued: 0, active: 1, workMs: 0 });
    });
  await Promise.all([lockBoth(one.id, two.id), lockBoth(two.id, one.id)]);
  expect(runs).toBeGreaterThan(2);
  for (const { id } of [one, two]) expect(await store.read((tx) => tx.groups.find(id))).toMatchObject({ active: 1 });
});

test('a unit of work that lost a key to another is run again from its beginning', async () => {
  const store = await open();
  const row = { scope: newId('org'), key: 'k', requestHash: 'h', answer: 'first', createdAt: noon };
  const acme = org();
  let runs = 0;
  const result = await store.transaction(async (tx) => {
    runs++;
    expect(await tx.orgs.insert(acme)).toBe(true);
    const known = await tx.accounts.findAnswer(row.scope, row.key);
    if (known) return known.answer;
    await store.transaction((other) => other.accounts.insertAnswer(row));
    await tx.accounts.insertAnswer({ ...row, answer: 'second' });
    return 'second';
  });
  expect([result, runs]).toEqual(['first', 2]);
  expect(await store.read((tx) => tx.orgs.find(acme.id))).toEqual(acme);
});

test('a unit of work whose record moved on is run again from its beginning', async () => {
  const store = await open();
  const aRun = run();
  await store.transaction((tx) => tx.runs.insert(aRun));
  let runs = 0;
  await store.transaction(async (tx) => {
    const found = await tx.runs.find(aRun.id);
    const version = found?.version ?? 0;
    if (++runs === 1) await store.transaction((other) => other.runs.save({ ...aRun, version: 2, jobsActive: 7 }, 1));
    await tx.runs.save({ ...aRun, ...found, version: version + 1, reason: 'second' }, version);
  });
  expect(runs).toBe(2);
  const found = await store.read((tx) => tx.runs.find(aRun.id));
  expect(found).toMatchObject({ version: 3, jobsActive: 7, reason: 'second' });
});

test('servers that start at once on an empty database migrate it once', async () => {
  const empty = await createDatabase(inject('postgresUrl'), 'store_migrated');
  const stores = await Promise.all([1, 2, 3].map(() => openPostgres(empty)));
  const client = await connect(empty);
  const { rows } = await client.query(
    'select hash, count(*)::int as times from drizzle.__drizzle_migrations group by 1',
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.map(({ times }) => times)).toEqual(rows.map(() => 1));
  for (const store of stores) {
    await store.transaction((tx) => tx.orgs.insert(org()));
    await store.close();
  }
});

test('a read has a connection while every writer is busy', async () => {
  const store = await open({ connections: 1 });
  const found = await store.transaction((tx) =>
    tx.orgs.insert(org()).then(() => store.read((committed) => committed.orgs.find('none'))),
  );
  expect(found).toBeUndefined();
});

test('a connection that is cut within a unit of work fails that unit alone, and the store goes on', async () => {
  const store = await open({ connections: 1 });
  const admin = await connect(inject('postgresUrl'));
  const inTransaction = `select pid from pg_stat_activity where datname = 'store_faults' and state = 'idle in transaction'`;
  const acme = org();
  const cut = store.transaction(async (tx) => {
    await tx.orgs.insert(acme);
    const { rowCount } = await admin.query(`select pg_terminate_backend(pid) from (${inTransaction}) as mine`);
    expect(rowCount).toBe(1);
    await vi.waitFor(async () => expect((await admin.query(inTransaction)).rowCount).toBe(0));
    for (let i = 0; i < 10; i++) await turn();
    await tx.orgs.find(acme.id);
  });
  await expect(cut).rejects.toThrow();
  expect(await store.transaction((tx) => tx.orgs.insert(acme))).toBe(true);
});

test('a database that cannot be reached is an error, not a wait', async () => {
  const nobody = new URL(url);
  nobody.pathname = '/no_such_database';
  await expect(openPostgres(nobody.href)).rejects.toThrow('does not exist');
});
