import { join } from 'node:path';
import Database from 'better-sqlite3';
import { PgBoss } from 'pg-boss';
import { better, defineQueue } from 'plainjob';
import { readOrder, say } from './child.ts';

/** How a peer does the same in process: no HTTP, no authentication, no validation. */
export interface PeerOrder {
  peer: 'plainjob' | 'pg-boss';
  folder: string;
  postgresUrl: string;
  measureMs: number;
}

export interface PeerMeasured {
  enqueuePerSecond: number;
  completePerSecond: number;
}

const job = {
  org_id: 'bench',
  app_version_id: 'version-1',
  test_path: 'tests/checkout/payment-123456.spec.ts',
  priority: 5,
  target: 'emulator',
};

/** One at a time, as SQLite is synchronous; FULL, as an acknowledgement of ours is. */
function measurePlainjob({ folder, measureMs }: PeerOrder): PeerMeasured {
  const database = new Database(join(folder, 'plainjob.db'));
  const quiet = { error() {}, warn() {}, info() {}, debug() {} };
  const queue = defineQueue({ connection: better(database), logger: quiet });
  // it sets NORMAL itself, and better-sqlite3 shows what is in force only after a write
  database.pragma('synchronous = FULL');
  queue.add('test', job);
  if (database.pragma('synchronous', { simple: true }) !== 2) throw new Error('plainjob does not run with FULL');
  const enqueuePerSecond = rate(measureMs, () => queue.add('test', job));
  queue.addMany(
    'test',
    Array.from({ length: 60_000 }, () => job),
  );
  const completePerSecond = rate(measureMs, () => {
    const taken = queue.getAndMarkJobAsProcessing('test');
    if (!taken) throw new Error('plainjob has run out of jobs');
    queue.markJobAsDone(taken.id);
  });
  queue.close();
  return { enqueuePerSecond, completePerSecond };
}

async function measurePgBoss({ postgresUrl, measureMs }: PeerOrder): Promise<PeerMeasured> {
  const boss = new PgBoss({ connectionString: postgresUrl, supervise: false, schedule: false, max: 16 });
  await boss.start();
  await boss.createQueue('test');
  const enqueuePerSecond = await rateOfMany(measureMs, 16, () => boss.send('test', job));
  const many = Array.from({ length: 5_000 }, () => ({ data: job }));
  for (let i = 0; i < 3; i++) await boss.insert('test', many);
  const completePerSecond = await rateOfMany(measureMs, 16, async () => {
    const [taken] = await boss.fetch('test');
    if (!taken) throw new Error('pg-boss has run out of jobs');
    await boss.complete('test', taken.id);
  });
  await boss.stop({ graceful: false });
  return { enqueuePerSecond, completePerSecond };
}

/** A tenth of the time to warm up, then the rate. */
function rate(ms: number, step: () => unknown): number {
  const repeat = (forMs: number) => {
    const startedAt = performance.now();
    let count = 0;
    for (; performance.now() - startedAt < forMs; count++) step();
    return (count * 1000) / (performance.now() - startedAt);
  };
  repeat(ms / 10);
  return repeat(ms);
}

async function rateOfMany(ms: number, parallel: number, step: () => Promise<unknown>): Promise<number> {
  const repeat = async (forMs: number) => {
    const startedAt = performance.now();
    let count = 0;
    const loop = async () => {
      for (; performance.now() - startedAt < forMs; count++) await step();
    };
    await Promise.all(Array.from({ length: parallel }, loop));
    return (count * 1000) / (performance.now() - startedAt);
  };
  await repeat(ms / 10);
  return repeat(ms);
}

const order = readOrder<PeerOrder>();
await say(order.peer === 'plainjob' ? measurePlainjob(order) : await measurePgBoss(order));
process.exit(0);
