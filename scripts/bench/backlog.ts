import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { getTableColumns } from 'drizzle-orm';
import pg from 'pg';
import { openFolder } from '../../server/blobs/folder.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { createOidc } from '../../server/oidc/jose-oidc.ts';
import { openPostgres } from '../../server/store/postgres.ts';
import { jobs } from '../../server/store/schema.sqlite.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Caller, Deps } from '../../server/usecases/deps.ts';
import { registerAgent } from '../../server/usecases/register-agent.ts';
import { createSignals } from '../../server/usecases/signals.ts';
import { createStays } from '../../server/usecases/stays.ts';
import { submitRun } from '../../server/usecases/submit-run.ts';

export const operator: Caller = {
  keyId: 'key',
  orgId: null,
  role: 'admin',
  shared: false,
  name: 'bench',
  workflow: null,
};

export interface Backlog {
  deps: Deps;
  agentId: string;
  /** One job from the middle of a group. */
  jobId: string;
  close(): Promise<void>;
}

interface Engine {
  /** Runs SQL that both engines take. */
  run(sql: string): Promise<void>;
  find(sql: string): Promise<string>;
  close(): Promise<void>;
}

/** Use-cases in process on a database of their own with so many waiting jobs, in as many groups whatever their number. */
export async function openBacklog(
  where: { folder: string; postgresUrl: string | null },
  queued: number,
  groups: number,
): Promise<Backlog> {
  const name = `${queued}-in-${groups}`;
  const file = join(where.folder, `${name}.db`);
  const store = where.postgresUrl === null ? openSqlite(file) : await openPostgres(where.postgresUrl);
  const random = (prefix: string) => `${prefix}_${randomBytes(12).toString('hex')}`;
  const deps: Deps = {
    store,
    ...(await openFolder(join(where.folder, `${name}-blobs`))),
    signals: createSignals(),
    stays: createStays(defaultPolicy.stayMs),
    oidc: createOidc({ audience: 'http://bench', issuers: [] }),
    github: { app: () => undefined, apps: () => [] },
    policy: defaultPolicy,
    leaseMs: 3_600_000,
    now: Date.now,
    newId: random,
    newToken: () => randomBytes(16).toString('hex'),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
  for (let n = 0; n < groups; n++) {
    const body = { org_id: 'acme', app_version_id: `v${n}`, target: 'emulator' as const, tests: ['tests/a.spec.ts'] };
    await submitRun(deps, operator, body, null);
  }
  const engine = where.postgresUrl === null ? onSqlite(file) : await onPostgres(where.postgresUrl);
  await multiply(engine, Math.round(queued / groups));
  const jobId = await engine.find(`select id from jobs where id like '%_${Math.round(queued / groups / 2)}' limit 1`);
  await engine.close();
  const device = { id: 'd1', target: 'emulator' as const, platform: 'android' as const };
  const { agent } = await registerAgent(deps, operator, { name: 'mac', devices: [device] }, null);
  return { deps, agentId: agent.id, jobId, close: () => store.close() };
}

/** Makes so many of each waiting job, and the counters true again: submitting a million would take minutes. */
async function multiply(engine: Engine, times: number): Promise<void> {
  const names = Object.values(getTableColumns(jobs)).map(({ name }) => name);
  const copied = names.filter((name) => name !== 'seq' && name !== 'id').join(', ');
  await engine.run(
    `insert into jobs (id, ${copied})
     with recursive n(i) as (select 1 union all select i + 1 from n where i < ${times - 1})
     select id || '_' || n.i, ${copied} from n cross join (select * from jobs) j`,
  );
  await engine.run(`update groups set queued = queued * ${times}, work_ms = work_ms * ${times}`);
  await engine.run(`update runs set jobs_total = ${times}, jobs_queued = ${times}`);
  await engine.run('analyze');
}

function onSqlite(file: string): Engine {
  const database = new Database(file);
  return {
    run: async (sql) => void database.exec(sql),
    find: async (sql) => String(database.prepare(sql).pluck().get()),
    close: async () => void database.close(),
  };
}

async function onPostgres(url: string): Promise<Engine> {
  const client = new pg.Client(url);
  await client.connect();
  return {
    run: async (sql) => void (await client.query(sql)),
    find: async (sql) => String((await client.query(sql)).rows[0]?.id),
    close: () => client.end(),
  };
}
