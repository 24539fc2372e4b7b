import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  json,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Columns } from './columns.sqlite.ts';

/** The column vocabulary of the schema, in Postgres. */
export const native = {
  table: pgTable,
  text: (name: string) => text(name),
  int: (name: string) => bigint(name, { mode: 'number' }),
  real: (name: string) => doublePrecision(name),
  bool: (name: string) => boolean(name),
  time: (name: string) => bigint(name, { mode: 'number' }),
  // json, not jsonb: jsonb refuses \u0000, which a test's title may hold
  json: <T>(name: string) => json(name).$type<T>(),
  sequence: (name: string) => bigserial(name, { mode: 'number' }).primaryKey(),
  primaryKey,
  index,
  uniqueIndex,
};

/**
 * The same vocabulary under SQLite's types, so that schema and queries are written once. Safe because every column decodes
 * to the same JavaScript type: test/store/parity.test.ts stops compiling the day one does not.
 */
export const columns = native as unknown as Columns;
