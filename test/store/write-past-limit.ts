import { openSqlite } from '../../server/store/sqlite.ts';

// Run with a limit on the size of files: writes until the disk refuses, goes on a little, and prints what came of it.

const [file = ''] = process.argv.slice(2);
const fatal: string[] = [];
const store = openSqlite(file, { onFatal: (error) => fatal.push(error.message) });
const acknowledged: string[] = [];
const refused: string[] = [];

for (let i = 0; refused.length < 5; i++) {
  const written = store.transaction((tx) =>
    // small after the first refusal: they would fit
    tx.results.insertEvent({
      runId: `event-${i}`,
      version: 1,
      type: 'test',
      data: refused.length ? '' : 'x'.repeat(9000),
    }),
  );
  await written.then(
    () => acknowledged.push(`event-${i}`),
    (error) => refused.push(String(error.code)),
  );
}
console.log(JSON.stringify({ acknowledged, refused, fatal }));
