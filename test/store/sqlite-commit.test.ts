import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createGroupCommit } from '../../server/store/group-commit.ts';
import { openSqlite, type SqliteOptions } from '../../server/store/sqlite.ts';
import type { Store } from '../../server/store/store.ts';
import { org } from '../support/records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { committedTransactions } from './wal.ts';

const folder = temporaryFolder();
let files = 0;

interface Opened {
  store: Store;
  file: string;
  /** The connection that writes, then the one that reads. */
  connections: Database.Database[];
}

function open(options: SqliteOptions = {}, onWriter?: (writer: Database.Database) => void): Opened {
  const file = folder.file(`commit-${++files}.db`);
  const connections: Database.Database[] = [];
  const store = openSqlite(file, {
    ...options,
    onConnection(connection) {
      if (connections.length === 0) onWriter?.(connection);
      connections.push(connection);
    },
  });
  onTestFinished(() => store.close());
  return { store, file, connections };
}

const insertMany = (store: Store, count: number) =>
  Promise.all(Array.from({ length: count }, () => store.transaction((tx) => tx.orgs.insert(org()))));

test('units of work that arrive in one turn of the event loop share one transaction on disk', async () => {
  const { store, file } = open();
  const before = committedTransactions(file);
  await insertMany(store, 50);
  expect(committedTransactions(file) - before).toBe(1);
});

test('without grouping each unit of work is a transaction of its own', async () => {
  const { store, file } = open({ grouped: false });
  const before = committedTransactions(file);
  await insertMany(store, 50);
  expect(committedTransactions(file) - before).toBe(50);
});

test('what is acknowledged is in the log on disk by then', async () => {
  const { store, file } = open();
  for (let i = 0; i < 5; i++) {
    const before = committedTransactions(file);
    await store.transaction((tx) => tx.orgs.insert(org()));
    expect(committedTransactions(file)).toBe(before + 1);
  }
});

test('units of work that follow one another without a pause leave each turn to the others', async () => {
  const database = new Database(':memory:');
  const execute = (sql: string) => () => void database.exec(sql);
  const queue = createGroupCommit(
    {
      begin: execute('BEGIN'),
      commit: execute('COMMIT'),
      rollback: execute('ROLLBACK'),
      savepoint: execute('SAVEPOINT unit'),
      release: execute('RELEASE unit'),
      rollbackToSavepoint: execute('ROLLBACK TO unit; RELEASE unit'),
    },
    true,
  );
  let following = 0;
  const chain = (async () => {
    for (; following < 20; following++) await queue.run(async () => {});
  })();
  let turns = 0;
  for (; following < 20; turns++) await turn();
  await chain;
  expect(turns).toBeGreaterThanOrEqual(20);
});

test('both connections run with synchronous=FULL, after a write and a read', async () => {
  const { store, connections } = open();
  await store.transaction((tx) => tx.orgs.insert(org()));
  await store.read((tx) => tx.orgs.list('', 1));
  expect(connections.map((connection) => connection.pragma('synchronous', { simple: true }))).toEqual([2, 2]);
  expect(connections.map((connection) => connection.pragma('journal_mode', { simple: true }))).toEqual(['wal', 'wal']);
});

test('a file that another process made with weaker settings is opened with synchronous=FULL all the same', async () => {
  const { store, file } = open({ synchronous: 'NORMAL' });
  await store.transaction((tx) => tx.orgs.insert(org()));
  const seen: unknown[] = [];
  const again = openSqlite(file, { onConnection: (each) => seen.push(each.pragma('synchronous', { simple: true })) });
  await again.close();
  expect(seen).toEqual([2, 2]);
});

test('a unit of work has the right to write from its beginning, before it writes', async () => {
  const { store, file } = open();
  const other = new Database(file, { timeout: 0 });
  onTestFinished(() => void other.close());
  const tryToWrite = () => {
    other.exec('BEGIN IMMEDIATE');
    other.exec('ROLLBACK');
  };
  await store.transaction(async (tx) => {
    await tx.orgs.find('none');
    expect(tryToWrite).toThrow('database is locked');
  });
  expect(tryToWrite).not.toThrow();
});

test('when the commit fails every unit of work in it is refused, nothing is kept and the next goes through', async () => {
  const { store } = open({}, (writer) =>
    writer.exec(`create table parents (id text primary key);
      create table children (id text references parents (id) deferrable initially deferred);
      create trigger orphan after insert on orgs when new.name = 'orphan' begin insert into children values (new.id); end`),
  );
  const orgs = [org(), org({ name: 'orphan' }), org()];
  const outcomes = await Promise.allSettled([
    ...orgs.map((each) => store.transaction((tx) => tx.orgs.insert(each))),
    // it failed over what its neighbour wrote, which came to nothing
    store.transaction(async (tx) => {
      if (await tx.orgs.find(orgs[0]?.id ?? '')) throw new Error('taken');
    }),
  ]);
  expect(outcomes.map((each) => (each.status === 'rejected' ? String(each.reason.message) : each.status))).toEqual(
    Array(4).fill('FOREIGN KEY constraint failed'),
  );
  expect(await store.read((tx) => tx.orgs.list('', 10))).toEqual([]);
  const next = org();
  await store.transaction((tx) => tx.orgs.insert(next));
  expect(await store.read((tx) => tx.orgs.list('', 10))).toEqual([next]);
});

test('closing waits for the units of work that were accepted', async () => {
  const { store, file } = open();
  const accepted = insertMany(store, 10);
  await store.close();
  await accepted;
  const again = openSqlite(file);
  expect(await again.read((tx) => tx.orgs.list('', 100))).toHaveLength(10);
  await again.close();
});
