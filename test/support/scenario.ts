import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { SubmitRun } from '../../contract/run.ts';
import type { ReportedOutcome, TestStatus } from '../../contract/words.ts';
import { openFolder } from '../../server/blobs/folder.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { createOidc } from '../../server/oidc/jose-oidc.ts';
import { openPostgres } from '../../server/store/postgres.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import { claim } from '../../server/usecases/claim.ts';
import type { Caller, Deps } from '../../server/usecases/deps.ts';
import { putResult } from '../../server/usecases/put-result.ts';
import { registerAgent } from '../../server/usecases/register-agent.ts';
import { createSignals } from '../../server/usecases/signals.ts';
import { createStays } from '../../server/usecases/stays.ts';
import { submitRun } from '../../server/usecases/submit-run.ts';
import type { ClaimView, RunView } from '../../server/usecases/views.ts';
import { createDatabase } from './postgres.ts';

export const engines = ['SQLite', 'Postgres'] as const;
export type Engine = (typeof engines)[number];

export const operator: Caller = {
  keyId: 'key_operator',
  orgId: null,
  role: 'admin',
  shared: false,
  name: 'operator',
  workflow: null,
};

/** A key of one organisation. */
export function keyOf(orgId: string, role: Caller['role'] = 'admin'): Caller {
  return { keyId: `key_${orgId}_${role}`, orgId, role, shared: false, name: orgId, workflow: null };
}

/** Use-cases on a real database of their own, with a clock that a test sets. OIDC tokens of `issuers` are for http://qgjob.test. */
export async function openScenario(engine: Engine, issuers: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-usecases-'));
  const store =
    engine === 'SQLite'
      ? openSqlite(join(folder, 'qgjob.db'))
      : await openPostgres(await createDatabase(inject('postgresUrl'), `usecases_${randomUUID()}`));
  let now = Date.UTC(2026, 0, 1);
  const deps: Deps = {
    store,
    ...(await openFolder(join(folder, 'blobs'))),
    signals: createSignals(),
    stays: createStays(0),
    oidc: createOidc({ audience: 'http://qgjob.test', issuers }),
    github: { app: () => undefined, apps: () => [] },
    policy: { ...defaultPolicy },
    leaseMs: 30_000,
    now: () => now,
    newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    newToken: () => randomBytes(16).toString('hex'),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };

  return {
    deps,
    /** Moves the server's clock. */
    pass(ms: number): void {
      now += ms;
    },
    submit(body: Partial<SubmitRun> = {}, caller: Caller = operator): Promise<{ created: boolean; run: RunView }> {
      return submitRun(deps, caller, { ...submission, ...body }, null);
    },
    /** An agent with devices of these ids; the operator's serve every organisation. */
    async agent(deviceIds: string[], caller: Caller = operator): Promise<string> {
      const devices = deviceIds.map((id) => ({ id, target: 'emulator' as const, platform: 'web' as const }));
      const { agent } = await registerAgent(deps, caller, { name: `agent of ${deviceIds.join()}`, devices }, null);
      return agent.id;
    },
    claim(agentId: string, deviceId: string, maxJobs?: number, caller: Caller = operator): Promise<ClaimView | null> {
      return claim(deps, caller, agentId, { deviceId, maxJobs }, null);
    },
    /** Reports one test of a job. */
    finish(
      claimed: ClaimView,
      jobId: string,
      outcome: ReportedOutcome = 'passed',
      options: { next?: number; caller?: Caller; durationMs?: number } = {},
    ) {
      const body = { outcome, duration_ms: options.durationMs ?? 100, tests: [testOf(outcome)], errors: [] };
      return putResult(deps, options.caller ?? operator, claimed.lease, jobId, body, options.next ?? 0);
    },
    async close(): Promise<void> {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Scenario = Awaited<ReturnType<typeof openScenario>>;

export const submission: SubmitRun = {
  org_id: 'acme',
  app_version_id: 'v1',
  target: 'emulator',
  tests: ['tests/a.spec.ts'],
};

/** The thing that must be there, or the test fails here. */
export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('expected something, found nothing');
  return value;
}

function testOf(outcome: ReportedOutcome) {
  const status: TestStatus = outcome === 'passed' || outcome === 'flaky' ? outcome : 'failed';
  return {
    id: 'adds to the cart',
    title: 'adds to the cart',
    title_path: ['cart', 'adds to the cart'],
    file: 'tests/a.spec.ts',
    line: 3,
    status,
    retry: 0,
    duration_ms: 90,
    errors: status === 'failed' ? [{ message: 'expected 2, got 1', file: 'tests/a.spec.ts', line: 7 }] : [],
    attachments: [],
  };
}
