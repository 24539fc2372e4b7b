import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { Job } from '../../contract/job.ts';
import { startChild } from '../bench/child.ts';
import type { ServerOrder } from '../bench/server.ts';
import { call } from './call.ts';
import { createDisk, fates, readRecords } from './power-cut-disk.ts';
import { createRandom } from './random.ts';

/** A job, and how long the journal was when its acknowledgement was in the client's hand. */
interface Acknowledged {
  id: string;
  journalLength: number;
}

interface Tally {
  cuts: number;
  /** Cuts after which an acknowledged job was missing. */
  losing: number;
  /** The most that one cut lost. */
  mostLost: number;
  /** Cuts after which the file was damaged. */
  damaged: number;
}

/**
 * What kill -9 cannot show, since the page cache survives it: submits jobs to a real server whose writes are noted, then
 * opens its database as it would stand after a power cut at random moments. NORMAL is the control: it must lose jobs.
 */
async function main({ cuts, jobs, seed }: { cuts: number; jobs: number; seed: number }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-power-cut-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, 'journal.so');
  const source = fileURLToPath(new URL('power-cut-journal.c', import.meta.url));
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-w', '-o', library, source, '-ldl', '-lpthread']);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.log('power cut: not tried, as there is no gcc here to build the journal of writes with');
    return 0;
  }
  console.log(`power cut: ${jobs} jobs from 16 clients, then ${cuts} cuts each, --seed ${seed}`);
  const full = await tryVariant('full', { folder, library, cuts, jobs, seed });
  console.log(`  FULL with group commit: ${text(full)}`);
  const normal = await tryVariant('normal', { folder, library, cuts, jobs, seed });
  console.log(`  NORMAL, the control:    ${text(normal)}`);
  const isBlind = normal.losing === 0;
  if (isBlind) console.log('  BLIND: the control lost nothing, so this shows nothing');
  return full.losing + full.damaged === 0 && !isBlind ? 0 : 1;
}

function text({ cuts, losing, mostLost, damaged }: Tally): string {
  return `${losing} of ${cuts} cuts lost acknowledged jobs, at most ${mostLost} at once; ${damaged} damaged the file`;
}

async function tryVariant(
  variant: 'full' | 'normal',
  options: { folder: string; library: string; cuts: number; jobs: number; seed: number },
): Promise<Tally> {
  const { folder, library, cuts, jobs, seed } = options;
  const operatorKey = randomBytes(24).toString('hex');
  const journal = join(folder, `${variant}.journal`);
  const order: ServerOrder = { variant, folder, operatorKey };
  const server = startChild<{ url: string }>('server.ts', order, [], {
    LD_PRELOAD: library,
    QGJOB_CUT_DATABASE: join(folder, `${variant}.db`),
    QGJOB_CUT_JOURNAL: journal,
  });
  const { url } = await server.said;
  const startLength = statSync(journal).size;
  const acknowledged = await submit(url, operatorKey, jobs, () => statSync(journal).size);
  await server.stop('SIGKILL');

  const records = readRecords(readFileSync(journal));
  const random = createRandom(seed);
  const moments = records.flatMap(({ endsAt }, index) => (endsAt >= startLength ? [index] : []));
  const chosen = Array.from({ length: cuts }, () => moments[random.between(0, moments.length - 1)] ?? 0);
  chosen.sort((a, b) => a - b);
  const tally: Tally = { cuts, losing: 0, mostLost: 0, damaged: 0 };
  const disk = createDisk();
  let next = 0;
  for (const [index, record] of records.entries()) {
    disk.apply(record);
    for (; chosen[next] === index; next++) {
      const left = open(folder, disk.cut(random.pick(fates), random));
      if (left === null) tally.damaged++;
      const due = acknowledged.filter(({ journalLength }) => journalLength <= record.endsAt);
      const lost = due.filter(({ id }) => !left?.has(id)).length;
      if (lost > 0) tally.losing++;
      tally.mostLost = Math.max(tally.mostLost, lost);
    }
  }
  return tally;
}

async function submit(url: string, key: string, jobs: number, journalLength: () => number): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  let made = 0;
  const client = async () => {
    for (let mine = made++; mine < jobs; mine = made++) {
      const json = { org_id: 'acme', app_version_id: 'v1', test_path: `tests/${mine}.spec.ts`, target: 'emulator' };
      const { status, body } = await call(url, { method: 'POST', path: '/v1/jobs', key, json });
      if (status !== 201) throw new Error(`a submission was answered ${status}`);
      acknowledged.push({ id: Job.parse(body).id, journalLength: journalLength() });
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  return acknowledged;
}

/** The ids of the jobs that SQLite finds after the cut; null when the file is damaged. */
function open(folder: string, image: { database: Buffer; log: Buffer }): Set<string> | null {
  const file = join(folder, 'cut.db');
  rmSync(`${file}-shm`, { force: true });
  writeFileSync(file, image.database);
  writeFileSync(`${file}-wal`, image.log);
  try {
    const database = new Database(file);
    try {
      if (database.pragma('integrity_check', { simple: true }) !== 'ok') return null;
      // the control may lose the very tables
      if (database.prepare("select 1 from sqlite_master where name = 'jobs'").get() === undefined) return new Set();
      return new Set(database.prepare<[], string>('select id from jobs').pluck().all());
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  },
});
process.exit(await main({ cuts: Number(values.cuts), jobs: Number(values.jobs), seed: Number(values.seed) }));
