import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { DomainError } from '../domain/errors.ts';
import { columns } from './columns.postgres.ts';
import { createPrepare, type Db } from './queries/statement.ts';
import { createTx } from './queries/tx.ts';
import { defineSchema } from './schema.ts';
import { Conflict, type Store, type Tx } from './store.ts';

const migrationsFolder = new URL('migrations/postgres', import.meta.url).pathname;

/** Any number, the same in every server: who holds it migrates. */
const migrationLock = 7_463_626_162;

export interface PostgresOptions {
  /** As many again are for reads alone. */
  connections?: number;
  /** For one test alone: without row locks, to see that the race is found. */
  unlocked?: boolean;
}

/**
 * A store in a Postgres database, migrated as needed; servers that start at once migrate once.
 * @throws Error when the database cannot be reached
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const pool = createPool(url, options);
  // reads have connections of their own, so that they neither write nor wait until a writer has done
  const readers = createPool(url, options, 'set default_transaction_read_only = on');
  const close = async () => void (await Promise.all([pool.end(), readers.end()]));
  try {
    await migrateOnce(pool);
  } catch (error) {
    await close();
    throw error;
  }

  // statements belong to a connection: each gets its queries once, when it is first used
  const queries = new WeakMap<pg.PoolClient, Tx>();
  const queriesOn = (client: pg.PoolClient): Tx => {
    const known = queries.get(client);
    if (known) return known;
    const made = createTx({
      // safe because every builder's execute() resolves to rows on both drivers
      db: drizzle(client) as unknown as Db,
      schema: defineSchema(columns),
      lock: (query) => (options.unlocked ? query : forUpdate(query)),
      prepare: createPrepare(),
    });
    queries.set(client, made);
    return made;
  };

  async function once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(queriesOn(client));
      // Postgres answers a COMMIT after a failed statement with ROLLBACK, and calls it a success
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT')
        throw new Error('A unit of work passed over an error of the database; nothing was kept.');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return {
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work);
        } catch (error) {
          if (attempt >= 10 || !mayBeRepeated(error)) throw translate(error);
        }
      }
    },
    async read(work) {
      const client = await readers.connect();
      try {
        return await work(queriesOn(client));
      } finally {
        client.release();
      }
    },
    async check() {
      await pool.query('select 1');
    },
    close,
  };
}

function createPool(url: string, { connections = 10 }: PostgresOptions, setUp?: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    async onConnect(client) {
      // a server that stops ends connections; without a listener that would end this process, whose query fails anyway
      client.on('error', () => {});
      if (setUp) await client.query(setUp);
    },
  });
  pool.on('error', () => {});
  return pool;
}

async function migrateOnce(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => {});
    client.release();
  }
}

/** Codes after which the whole unit of work may simply run again: serialisation, deadlock, and a unique key just taken. */
const repeatable = new Set(['40001', '40P01', '23505']);

function mayBeRepeated(error: unknown): boolean {
  return error instanceof Conflict || repeatable.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? '');
}

function translate(error: unknown): unknown {
  if (codeOf(error) !== '53100') return error;
  return new DomainError(
    'storage_full',
    'The disk of the database is full; nothing was stored. Free space and send it again.',
  );
}

function forUpdate<Q>(query: Q): Q {
  // safe because every select of the Postgres dialect has for()
  return (query as { for(strength: 'update'): Q }).for('update');
}
