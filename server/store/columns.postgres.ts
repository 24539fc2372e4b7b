import {
  bigint,
  bigserial,
  boolean,
  customType,
  doublePrecision,
  index,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Columns } from './columns.sqlite.ts';

/**
 * json, not jsonb: jsonb refuses \u0000, which a test's title may hold. And not drizzle's own, which parses once more what
 * the driver has parsed, so that the text '123' comes back as a number.
 */
const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => value,
});

/** The column vocabulary of the schema, in Postgres. */
export const native = {
  table: pgTable,
  text: (name: string) => text(name),
  int: (name: string) => bigint(name, { mode: 'number' }),
  real: (name: string) => doublePrecision(name),
  bool: (name: string) => boolean(name),
  time: (name: string) => bigint(name, { mode: 'number' }),
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
