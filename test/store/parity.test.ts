import { getTableColumns, getTableName } from 'drizzle-orm';
import { expect, expectTypeOf, test } from 'vitest';
import { native as postgres, columns as postgresColumns } from '../../server/store/columns.postgres.ts';
import { columns as sqlite } from '../../server/store/columns.sqlite.ts';
import { defineSchema } from '../../server/store/schema.ts';

// every word of the vocabulary, with each way a schema says more about it
const inSqlite = sqlite.table('every_word', {
  seq: sqlite.sequence('seq'),
  id: sqlite.text('id').primaryKey(),
  text: sqlite.text('text').notNull(),
  textOrNull: sqlite.text('text_or_null'),
  word: sqlite.text('word').$type<'a' | 'b'>().notNull(),
  int: sqlite.int('int').notNull(),
  intOrNull: sqlite.int('int_or_null'),
  real: sqlite.real('real').notNull(),
  realOrNull: sqlite.real('real_or_null'),
  bool: sqlite.bool('bool').notNull(),
  boolOrNull: sqlite.bool('bool_or_null'),
  time: sqlite.time('time').notNull(),
  timeOrNull: sqlite.time('time_or_null'),
  json: sqlite.json<{ a: string[] }>('json').notNull(),
  jsonOrNull: sqlite.json<{ a: string[] }>('json_or_null'),
  any: sqlite.json<unknown>('any').notNull(),
});
const inPostgres = postgres.table('every_word', {
  seq: postgres.sequence('seq'),
  id: postgres.text('id').primaryKey(),
  text: postgres.text('text').notNull(),
  textOrNull: postgres.text('text_or_null'),
  word: postgres.text('word').$type<'a' | 'b'>().notNull(),
  int: postgres.int('int').notNull(),
  intOrNull: postgres.int('int_or_null'),
  real: postgres.real('real').notNull(),
  realOrNull: postgres.real('real_or_null'),
  bool: postgres.bool('bool').notNull(),
  boolOrNull: postgres.bool('bool_or_null'),
  time: postgres.time('time').notNull(),
  timeOrNull: postgres.time('time_or_null'),
  json: postgres.json<{ a: string[] }>('json').notNull(),
  jsonOrNull: postgres.json<{ a: string[] }>('json_or_null'),
  any: postgres.json<unknown>('any').notNull(),
});

// tsc checks this, not the run: the schema's types are SQLite's, and hold for Postgres as long as this compiles
test('a row means the same in both dialects, read and written', () => {
  expectTypeOf<keyof typeof postgres>().toEqualTypeOf<keyof typeof sqlite>();
  expectTypeOf<typeof inPostgres.$inferSelect>().toEqualTypeOf<typeof inSqlite.$inferSelect>();
  expectTypeOf<typeof inPostgres.$inferInsert>().toEqualTypeOf<typeof inSqlite.$inferInsert>();
});

test('every table has the same columns in both dialects, of the same kind and as often empty', () => {
  const [here, there] = [defineSchema(sqlite), defineSchema(postgresColumns)].map((schema) =>
    Object.entries(schema).map(([key, table]) => ({
      key,
      name: getTableName(table),
      columns: Object.entries(getTableColumns(table)).map(([property, { name, notNull, hasDefault }]) => ({
        property,
        name,
        notNull,
        hasDefault,
      })),
    })),
  );
  expect(here).toEqual(there);
});

test('every column of the schema is made with a word of the vocabulary', () => {
  const words = new Set(Object.values(getTableColumns(inSqlite)).map(kind));
  const used = Object.values(defineSchema(sqlite)).flatMap((table) => Object.values(getTableColumns(table)).map(kind));
  expect(used.filter((each) => !words.has(each))).toEqual([]);
  const native = new Set(Object.values(getTableColumns(inPostgres)).map(kind));
  const usedThere = Object.values(defineSchema(postgresColumns)).flatMap((table) =>
    Object.values(getTableColumns(table)).map(kind),
  );
  expect(usedThere.filter((each) => !native.has(each))).toEqual([]);
});

function kind({ columnType, dataType }: { columnType: string; dataType: string }): string {
  return `${columnType} ${dataType}`;
}
