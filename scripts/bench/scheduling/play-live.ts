import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Claim } from '../../../contract/agent.ts';
import { type Client, createClient } from '../../../contract/client.ts';
import type { Trace } from '../../../contract/trace.ts';
import { readSettings } from '../../../server/config.ts';
import { defaultPolicy, type Policy } from '../../../server/domain/policy.ts';
import { startServer } from '../../../server/main.ts';

interface Played {
  installs: number;
  /** In seconds of the trace. */
  makespanS: number;
}

const operatorKey = 'the-operator-of-this-bench-server';
const bytes = 'an app';
const sha256 = createHash('sha256').update(bytes).digest('hex');

/**
 * Plays a trace on a real server over HTTP, with agents that wait as long as the trace says instead of testing.
 * @param secondMs what a second of the trace takes here, ms; the server's policy is scaled likewise
 */
export async function playLive(trace: Trace, secondMs: number): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-live-'));
  const env = { QGJOB_BOOTSTRAP_KEY: operatorKey, LOG_LEVEL: 'error', QGJOB_LEASE_SECONDS: '3600' };
  const settings = readSettings(env, { port: '0', database: join(folder, 'qgjob.db') });
  const server = await startServer({ ...settings, policy: scaled(defaultPolicy, secondMs) });
  const clientOf = (apiKey: string) => createClient({ serverUrl: server.url, apiKey });
  try {
    const operator = clientOf(operatorKey);
    await registerVersions(trace, operator, clientOf);
    return await run(trace, operator, secondMs);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function scaled(policy: Policy, secondMs: number): Policy {
  const entries = Object.entries(policy).map(([name, value]) => [
    name,
    name.endsWith('Ms') ? (value * secondMs) / 1000 : value,
  ]);
  // safe because the names are the policy's
  return Object.fromEntries(entries) as Policy;
}

/** The install ledger is of versions that have bytes. */
async function registerVersions(trace: Trace, operator: Client, clientOf: (apiKey: string) => Client): Promise<void> {
  for (const [org, jobs] of Map.groupBy(trace.jobs, (job) => job.org_id)) {
    await operator.createOrg({ body: { id: org, name: org } });
    const key = await operator.createKey({ params: { org }, body: { role: 'submit', name: 'bench' } });
    const client = clientOf(key.body.key);
    await client.putBlob({ params: { sha256 }, body: bytes });
    for (const id of new Set(jobs.map((job) => job.app_version_id))) {
      const body = { org_id: org, sha256, platform: 'android' as const, file_name: 'app.apk' };
      await client.registerAppVersion({ params: { app_version_id: id }, body });
    }
  }
}

async function run(trace: Trace, client: Client, secondMs: number): Promise<Played> {
  const durations = new Map(trace.jobs.map((job) => [`${job.id}.spec.ts`, job.duration_s]));
  const ended = new AbortController();
  const { signal } = ended;
  const pass = (seconds: number) => after(seconds * secondMs, undefined, { signal });
  let [installs, left] = [0, trace.jobs.length];

  const submit = async (jobs: Trace['jobs']) => {
    const families = Map.groupBy(jobs, (job) => JSON.stringify([job.org_id, job.app_version_id, job.priority]));
    for (const [first, ...rest] of families.values()) {
      if (!first) continue;
      const { org_id, app_version_id, target, priority } = first;
      const tests = [first, ...rest].map(({ id }) => `${id}.spec.ts`);
      await client.submitRun({ body: { org_id, app_version_id, target, priority, tests, dedupe: false } });
    }
  };

  const work = async ({ lease, app_version, install_required, jobs: [first] }: Claim) => {
    const params = { id: lease.id };
    const headers = { 'qgjob-lease-token': lease.token };
    if (install_required) {
      installs++;
      const installS = trace.install_s[app_version.app_version_id] ?? 0;
      await pass(installS);
      const body = { result: 'installed' as const, sha256, duration_ms: installS * secondMs };
      await client.reportInstall({ params, headers, body });
    }
    for (let job = first; job; ) {
      const of = { params: { ...params, job_id: job.id }, headers };
      await client.startJob(of);
      const durationS = durations.get(job.test_path) ?? 0;
      await pass(durationS);
      const result = { outcome: 'passed' as const, duration_ms: durationS * secondMs, tests: [], errors: [] };
      const { body } = await client.putResult({ ...of, query: { next: 1 }, body: result });
      if (--left === 0) ended.abort();
      [job] = body.jobs;
    }
    await client.releaseLease({ params, headers, body: {} });
  };

  const serve = async (agentId: string, deviceId: string) => {
    while (!signal.aborted) {
      const body = { device_id: deviceId, max_jobs: 1, wait_seconds: 55 };
      const claim = await client.claim({ params: { id: agentId }, body }, { signal }).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (claim?.body) await work(claim.body);
    }
  };

  const releases = Map.groupBy(trace.jobs, (job) => job.release_s);
  await submit(releases.get(0) ?? []);
  const devices = trace.devices.map(({ id, target }) => ({ id, target, platform: 'android' as const }));
  const { body } = await client.registerAgent({ body: { name: 'bench', devices } });
  const startedAt = performance.now();
  const arrivals = [...releases].filter(([releaseS]) => releaseS > 0);
  await Promise.all([
    ...devices.map(({ id }) => serve(body.agent.id, id)),
    ...arrivals.map(([releaseS, jobs]) => pass(releaseS).then(() => submit(jobs))),
  ]);
  return { installs, makespanS: (performance.now() - startedAt) / secondMs };
}
