import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** The column vocabulary of the schema, in SQLite. */
export const columns = {
  table: sqliteTable,
  text: (name: string) => text(name),
  int: (name: string) => integer(name),
  real: (name: string) => real(name),
  bool: (name: string) => integer(name, { mode: 'boolean' }),
  /** An instant: milliseconds since the epoch, UTC. */
  time: (name: string) => integer(name),
  json: <T>(name: string) => text(name, { mode: 'json' }).$type<T>(),
  /** Rises with every row inserted: the order of creation. */
  sequence: (name: string) => integer(name).primaryKey(),
  primaryKey,
  index,
  uniqueIndex,
};

export type Columns = typeof columns;
