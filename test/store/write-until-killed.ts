import { writeSync } from 'node:fs';
import { openSqlite } from '../../server/store/sqlite.ts';

// Writes to the store without end, 16 units of work at a time, and prints the id of each that was acknowledged.

const [file = '', round = ''] = process.argv.slice(2);
const store = openSqlite(file);

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const id = `${round}-${writer}-${i}`;
    await store.transaction(async (tx) => {
      await tx.results.insertEvent({ runId: id, version: 1, type: 'test', data: 'first half' });
      await tx.results.insertEvent({ runId: id, version: 2, type: 'test', data: 'second half' });
    });
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
