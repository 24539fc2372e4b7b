import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { DomainError } from '../domain/errors.ts';
import { columns } from './columns.sqlite.ts';
import { compileStatement } from './compile-statement.ts';
import { createGroupCommit } from './group-commit.ts';
import type { Db } from './queries/statement.ts';
import { createTx } from './queries/tx.ts';
import { defineSchema } from './schema.ts';
import type { Store, Tx } from './store.ts';

const migrationsFolder = new URL('migrations/sqlite', import.meta.url).pathname;

export interface SqliteOptions {
  /** Called once, when the disk fails under a commit: every later unit of work is refused and the process has to end. */
  onFatal?: (error: Error) => void;
  /** For benches alone: FULL is what makes an acknowledgement hold through a power cut. */
  synchronous?: 'FULL' | 'NORMAL';
  /** For benches alone: one transaction for each unit of work. */
  grouped?: boolean;
  /** Sees every connection; a test counts what they prepare. */
  onConnection?: (connection: Database.Database) => void;
}

/**
 * A store in one SQLite file, made and migrated as needed. One server process owns the file.
 * @throws Error when the file cannot be opened, or when SQLite does not take synchronous=FULL
 */
export function openSqlite(file: string, options: SqliteOptions = {}): Store {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const synchronous = options.synchronous ?? 'FULL';
  const writer = connect(file, synchronous);
  migrate(drizzle(writer), { migrationsFolder });
  assertSynchronous(writer, synchronous);
  // a second connection reads what is committed only, while a transaction is open on the first
  const reader = connect(file, synchronous);
  reader.pragma('query_only = ON');
  options.onConnection?.(writer);
  options.onConnection?.(reader);

  const tx = queriesOn(writer);
  const committed = queriesOn(reader);
  const statement = (sql: string) => {
    const prepared = writer.prepare(sql);
    return () => void prepared.run();
  };
  // IMMEDIATE: a deferred transaction that turns into a writer ignores busy_timeout
  const begin = statement('BEGIN IMMEDIATE');
  const commit = statement('COMMIT');
  const alive = reader.prepare('select 1');
  let fatal: Error | undefined;
  const queue = createGroupCommit(
    {
      begin() {
        if (fatal) throw fatal;
        begin();
      },
      commit() {
        try {
          commit();
        } catch (error) {
          // after a failed fsync nobody knows what the disk holds: stop rather than acknowledge on
          if (codeOf(error).startsWith('SQLITE_IOERR')) {
            fatal = error as Error;
            options.onFatal?.(fatal);
          }
          throw error;
        }
      },
      rollback: statement('ROLLBACK'),
      savepoint: statement('SAVEPOINT unit'),
      release: statement('RELEASE unit'),
      rollbackToSavepoint() {
        writer.exec('ROLLBACK TO unit; RELEASE unit');
      },
    },
    options.grouped ?? true,
  );

  return {
    transaction: (work) => queue.run(() => work(tx)).catch(translate),
    read: (work) => work(committed).catch(translate),
    async check() {
      alive.get();
    },
    async close() {
      await queue.idle();
      reader.close();
      writer.close();
    },
  };
}

type Preparable = { prepare(): Parameters<typeof compileStatement>[0] };

function connect(file: string, synchronous: string): Database.Database {
  const connection = new Database(file);
  connection.pragma('journal_mode = WAL');
  // better-sqlite3 compiles WAL to NORMAL, which loses acknowledged writes in a power cut
  connection.pragma(`synchronous = ${synchronous}`);
  connection.pragma('busy_timeout = 5000');
  connection.pragma('foreign_keys = ON');
  // a checkpoint costs two fsyncs and writes every changed page again: every 32 MB of log rather than every 4
  connection.pragma('wal_autocheckpoint = 8000');
  connection.pragma('cache_size = -65536');
  connection.pragma('temp_store = MEMORY');
  return connection;
}

/** After a write: the value read right after opening is not the one in force. */
function assertSynchronous(connection: Database.Database, wanted: string): void {
  const level = connection.pragma('synchronous', { simple: true });
  const names = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];
  if (names[Number(level)] !== wanted) throw new Error(`SQLite runs with synchronous=${String(level)}, not ${wanted}`);
}

function queriesOn(connection: Database.Database): Tx {
  return createTx({
    // safe because every builder's execute() resolves to rows on both drivers
    db: drizzle(connection) as unknown as Db,
    schema: defineSchema(columns),
    lock: (query) => query,
    // safe because better-sqlite3's prepared queries have a statement, parameters and fields
    prepare: (query) => compileStatement((query as unknown as Preparable).prepare()),
  });
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '');

function translate(error: unknown): never {
  const cause = error instanceof Error && codeOf(error) === '' ? (error.cause ?? error) : error;
  if (codeOf(cause) === 'SQLITE_FULL') {
    throw new DomainError(
      'storage_full',
      'The disk of the database is full; nothing was stored. Free space and send it again.',
    );
  }
  throw error;
}
