import { getTableColumns, type SQL, sql, type Table } from 'drizzle-orm';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type { Schema } from '../schema.ts';

export type Db = BaseSQLiteDatabase<'async', unknown>;

/** What the queries are made with: one connection, its tables, and the one thing the engines do differently. */
export interface Connection {
  db: Db;
  schema: Schema;
  /** Postgres: FOR UPDATE. SQLite: nothing, since a transaction has the database to itself. */
  lock<Q>(query: Q): Q;
  prepare: Prepare;
}

/** A statement that was prepared once and is run with values for its placeholders. */
export interface Statement<Row> {
  execute(values?: Record<string, unknown>): Promise<Row[]>;
}

type Prepare = <Row>(query: PromiseLike<Row[]> | PromiseLike<unknown>) => Statement<Row>;

/** Prepares statements under names that are unique on their connection, as Postgres wants them. */
export function createPrepare(): Prepare {
  let count = 0;
  return <Row>(query: unknown) => {
    // safe because every query builder of both dialects has prepare(name), SQLite's ignoring the name
    const preparable = query as { prepare(name: string): Statement<Row> };
    return preparable.prepare(`q${++count}`);
  };
}

/** A placeholder for each column of a table, named like it, but for those left out. */
export function slots<T extends Table>(table: T, without: (keyof T['_']['columns'])[] = []): never {
  const names = Object.keys(getTableColumns(table)).filter((name) => !without.includes(name));
  // never, because drizzle types placeholders for values but not for sets, though it fills both
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as never;
}

/**
 * A placeholder for statements with an ORDER BY or a LIMIT. SQLite, built with STAT4, plans those anew whenever a bare
 * parameter is bound, 20 us each time (taking the head of a group: 24 us, so 3.5); behind a cast it does not look.
 */
export const text = (name: string): SQL => sql`cast(${sql.placeholder(name)} as text)`;
export const integer = (name: string): SQL => sql`cast(${sql.placeholder(name)} as bigint)`;
/** The same for a LIMIT; never, because drizzle's types want a number or a bare placeholder, though it takes any SQL. */
export const rows = (name: string): never => integer(name) as never;

/** The only row of an answer, if there is one. */
export const first = <Row>(rows: Row[]): Row | undefined => rows[0];
