import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolder } from '../../server/blobs/folder.ts';
import { defaultPolicy } from '../../server/domain/policy.ts';
import { defaultPace } from '../../server/domain/publish-pace.ts';
import { createGithub } from '../../server/github/apps.ts';
import { createOidc } from '../../server/oidc/jose-oidc.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import type { Caller, Deps } from '../../server/usecases/deps.ts';
import { createPublisher } from '../../server/usecases/publish-checks.ts';
import { createSignals } from '../../server/usecases/signals.ts';
import { createStays } from '../../server/usecases/stays.ts';
import { type Github, startGithub } from '../../test/support/github/github.ts';
import type { Repository } from '../../test/support/github/state.ts';
import { judgeOutage, type OutageVerdict } from './github-judge.ts';
import { type PlannedRun, planRuns, runToItsEnd } from './github-runs.ts';
import { createRandom } from './random.ts';

export interface OutageOptions {
  runs: number;
  installations: number;
  minutes: number;
  seed: number;
}

/** What GitHub is like while it is out, one after another; `committed` takes effect before the answer is lost. */
const phases = [
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'reset', committed: true },
  { kind: 'hang' },
  { kind: 'secondary-limit', retryAfterSeconds: 90 },
  { kind: 'status', status: 502, committed: true },
  { kind: 'status', status: 502 },
] as const;

const stepMs = 250;
const patienceMs = 30 * 60_000;
/** Real time, which a hang costs; everything else happens on the simulated clock. */
const timeoutMs = 60;

const operator: Caller = {
  keyId: 'key_operator',
  orgId: null,
  role: 'admin',
  shared: false,
  name: 'operator',
  workflow: null,
};

/** Lets GitHub be out while runs are submitted and end, on a clock that costs no time, and judges what it shows afterwards. */
export async function simulateOutage({ runs, installations, minutes, seed }: OutageOptions): Promise<OutageVerdict> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-chaos-'));
  let now = Date.UTC(2026, 0, 1);
  const github = await startGithub({ now: () => now });
  const random = createRandom(seed);
  const store = openSqlite(join(folder, 'qgjob.db'), { synchronous: 'NORMAL' });
  try {
    const { app, apiUrl, keys } = github;
    const sleep = async (ms: number) => {
      now += ms;
    };
    const apps = createGithub(
      async () => [{ host: 'github.com', apiUrl, appId: app.id, privateKey: keys.privateKey }],
      { now: () => now, sleep, timeoutMs },
      (_, error) => {
        throw error;
      },
    );
    await apps.refresh();
    const errors: unknown[] = [];
    const deps: Deps = {
      store,
      ...(await openFolder(join(folder, 'blobs'))),
      signals: createSignals(),
      stays: createStays(defaultPolicy.stayMs),
      oidc: createOidc({ audience: 'http://qgjob.test', issuers: [] }),
      github: apps,
      policy: defaultPolicy,
      leaseMs: 30_000,
      now: () => now,
      newId: (prefix) => `${prefix}_${randomBytes(12).toString('hex')}`,
      newToken: () => randomBytes(16).toString('hex'),
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
    };
    const publisher = createPublisher({
      ...deps,
      publicUrl: 'http://qgjob.test',
      pace: defaultPace,
      chance: random.fraction,
      onTrouble: () => {},
      onError: (error) => errors.push(error),
    });
    const step = async () => {
      await publisher.begin();
      await publisher.idle();
      if (errors.length > 0) throw errors[0];
      now += stepMs;
    };

    const shops = Array.from({ length: installations }, (_, i) => openShop(github, `owner-${i}/shop`));
    const plan = planRuns(random, shops, { runs, withinMs: minutes * 60_000 });
    const startedAt = now;
    const endsAt = startedAt + minutes * 60_000;
    const done: (PlannedRun & { id: string })[] = [];
    for (; now < endsAt; await step()) {
      const phase = phases[Math.floor(((now - startedAt) / (endsAt - startedAt)) * phases.length)];
      github.faults.outage(phase ?? phases[0]);
      for (let due = plan.at(-1); due && startedAt + due.atMs <= now; due = plan.at(-1)) {
        plan.pop();
        done.push({ ...due, id: await runToItsEnd(deps, operator, due) });
      }
    }
    github.faults.outage(null);
    const untold = async () => {
      const notes = await store.read((tx) => tx.checks.dueLanes('github.com', Number.MAX_SAFE_INTEGER, 1));
      return notes.length > 0;
    };
    while ((await untold()) && now < endsAt + patienceMs) await step();
    return judgeOutage(github, done, { recoveredMs: now - endsAt });
  } finally {
    await store.close();
    await github.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function openShop(github: Github, name: string): Repository {
  const shop = github.repository(name);
  github.install(github.app, shop.owner);
  return shop;
}
