import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';

/** What the database holds, as far as the promises speak of it. */
export interface Records {
  runs: { id: string; status: string; total: number; queued: number; active: number; counts: Counts }[];
  jobs: JobRecord[];
  attempts: AttemptRecord[];
  groups: { id: string; queued: number; active: number }[];
  leases: { id: string; status: string; endedAt: number | null }[];
  /** What the engine itself finds wrong with its file. */
  damage: string[];
}

export interface JobRecord {
  id: string;
  runId: string;
  groupId: string;
  testPath: string;
  status: string;
  conclusion: string | null;
  attempts: number;
  losses: number;
  counts: Counts;
}

export interface AttemptRecord {
  jobId: string;
  number: number;
  leaseId: string;
  outcome: string;
  endedAt: number;
  /** The title of its first test; null when it has none. */
  marker: string | null;
}

interface Counts {
  total: number;
}

const queries = {
  runs: 'select id, status, jobs_total total, jobs_queued queued, jobs_active active, counts from runs',
  jobs: `select id, run_id "runId", group_id "groupId", test_path "testPath", status, conclusion, attempts, losses, counts
    from jobs order by run_id, position`,
  attempts: `select job_id "jobId", number, lease_id "leaseId", outcome, ended_at "endedAt", tests
    from attempts order by job_id, number`,
  groups: 'select id, queued, active from groups',
  leases: 'select id, status, ended_at "endedAt" from leases',
};

type Row = Record<string, unknown>;

/** Reads a SQLite file that no server has open. It is copied first, so that reading it repairs nothing in it. */
export function readSqlite(file: string): Records {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-chaos-copy-'));
  try {
    const copy = join(folder, 'copy.db');
    for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    const database = new Database(copy);
    database.pragma('query_only = ON');
    const rows = Object.entries(queries).map(([name, query]) => [name, database.prepare(query).all()]);
    const integrity = database.pragma('integrity_check', { simple: true });
    const orphans = database.pragma('foreign_key_check') as unknown[];
    database.close();
    return toRecords(Object.fromEntries(rows), [
      ...(integrity === 'ok' ? [] : [`integrity_check: ${String(integrity)}`]),
      ...orphans.map((orphan) => `foreign_key_check: ${JSON.stringify(orphan)}`),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function readPostgres(url: string): Promise<Records> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const rows: Record<string, Row[]> = {};
    for (const [name, query] of Object.entries(queries)) rows[name] = (await client.query<Row>(query)).rows;
    return toRecords(rows, []);
  } finally {
    await client.end();
  }
}

/** Safe because the queries above name every property and its type is the column's on both engines. */
function toRecords(rows: Record<string, Row[]>, damage: string[]): Records {
  const tables = Object.entries(rows).map(([name, list]) => [name, list.map(normal)]);
  return { ...(Object.fromEntries(tables) as Omit<Records, 'damage'>), damage };
}

const numbers = new Set(['total', 'queued', 'active', 'number', 'attempts', 'losses', 'endedAt']);

/** Postgres hands out bigints as text and JSON parsed, SQLite the other way round. */
function normal(row: Row): Row {
  const made: Row = {};
  for (const [name, value] of Object.entries(row)) {
    if (name === 'tests') made.marker = (parsed(value) as { title: string }[])[0]?.title ?? null;
    else if (name === 'counts') made.counts = parsed(value);
    else made[name] = numbers.has(name) && value !== null ? Number(value) : value;
  }
  return made;
}

const parsed = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);
