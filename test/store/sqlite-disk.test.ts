import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { DomainError } from '../../server/domain/errors.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import { event, org } from '../support/records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const script = (name: string) => join(import.meta.dirname, name);

// that an acknowledgement outlives a power cut rests on synchronous=FULL, which sqlite-commit.test.ts sees in force;
// the cut itself is simulated by scripts/chaos, since it takes a C compiler
test('a process that is killed loses nothing it acknowledged and leaves nothing half-written', {
  timeout: 60_000,
}, async () => {
  const file = folder.file('killed.db');
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [script('write-until-killed.ts'), file, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const enough = acknowledged.length + 100 + 37 * round;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === enough) child.kill('SIGKILL');
    }
    const database = new Database(file, { readonly: true });
    const kept = database.prepare('select run_id, count(*) as n from events group by run_id').raw().all() as [
      string,
      number,
    ][];
    const integrity = database.pragma('integrity_check', { simple: true });
    database.close();
    expect(integrity).toBe('ok');
    expect(kept.filter(([, halves]) => halves !== 2)).toEqual([]);
    const ids = new Set(kept.map(([id]) => id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThanOrEqual(enough);
  }
});

test('a full disk is storage_full, keeps what was acknowledged and nothing else, and ends when space returns', async () => {
  let writer: Database.Database | undefined;
  const store = openSqlite(folder.file('full.db'), { onConnection: (connection) => (writer ??= connection) });
  const pages = Number(writer?.pragma('page_count', { simple: true }));
  writer?.pragma(`max_page_count = ${pages + 20}`);
  const insert = (each: ReturnType<typeof org>, kilobytes: number) =>
    store.transaction(async (tx) => {
      await tx.orgs.insert(each);
      for (let i = 0; i < kilobytes; i++) {
        await tx.results.insertEvent(event({ runId: each.id, data: 'x'.repeat(1000) }));
      }
    });
  const orgs = [org(), org(), org(), org()];
  const outcomes = await Promise.allSettled(orgs.map((each, i) => insert(each, i === 1 ? 500 : 1)));

  const refused = outcomes.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  expect(outcomes[1]?.status).toBe('rejected');
  for (const reason of refused) {
    expect(reason).toBeInstanceOf(DomainError);
    expect(reason).toMatchObject({ code: 'storage_full' });
  }
  for (const [i, each] of orgs.entries()) {
    const kept = outcomes[i]?.status === 'fulfilled';
    expect((await store.read((tx) => tx.orgs.find(each.id))) !== undefined).toBe(kept);
    expect(await store.read((tx) => tx.results.eventsSince(each.id, 0, 1000))).toHaveLength(kept ? 1 : 0);
  }

  await expect(insert(org(), 500)).rejects.toMatchObject({ code: 'storage_full' });
  writer?.pragma('max_page_count = 1000000');
  const late = org();
  await insert(late, 500);
  expect(await store.read((tx) => tx.results.eventsSince(late.id, 0, 1000))).toHaveLength(500);
  expect(writer?.pragma('integrity_check', { simple: true })).toBe('ok');
  await store.close();
});

test('a disk that fails under a commit is told once, and nothing is acknowledged from then on', () => {
  const file = folder.file('limited.db');
  // files of 1 MiB at most, in blocks of 512 bytes: more is EFBIG, which SQLite takes for a failing disk
  const command = ['-c', 'ulimit -f 2048; exec "$0" "$@"', process.execPath, script('write-past-limit.ts'), file];
  const said = JSON.parse(execFileSync('sh', command, { encoding: 'utf8' }));
  expect(said).toEqual({
    acknowledged: expect.any(Array),
    refused: Array(5).fill('SQLITE_IOERR_WRITE'),
    fatal: ['disk I/O error'],
  });
  expect(said.acknowledged.length).toBeGreaterThan(10);
  const database = new Database(file, { readonly: true });
  const kept = database.prepare('select run_id from events order by seq').pluck().all();
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
  expect(kept).toEqual(said.acknowledged);
});
