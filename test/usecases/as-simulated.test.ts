import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Trace } from '../../contract/trace.ts';
import { build } from '../../scripts/bench/scheduling/build-trace.ts';
import { reportOf } from '../../server/domain/simulation/report.ts';
import { createOrg } from '../../server/usecases/manage-orgs.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { reportInstall } from '../../server/usecases/report-install.ts';
import type { ClaimView } from '../../server/usecases/views.ts';
import { appVersion } from '../support/records.ts';
import { must, openScenario, operator, type Scenario } from '../support/scenario.ts';

/** Small enough for a test, shaped like the bench's. */
const traces: [string, Trace][] = [
  ['a burst of eight versions', build(1, { devices: 4 }, (b) => b.versions(8, () => 8))],
  [
    'versions one after another',
    build(2, { devices: 4 }, (b) => {
      for (let n = 0; n < 14; n++) {
        b.versions(1, () => b.chance.geometric(6), { at: () => n * 90, priority: n % 5 === 0 ? 8 : 5 });
      }
    }),
  ],
  [
    'a large organisation and a small one',
    build(3, { devices: 4 }, (b) => {
      b.versions(1, () => 60, { org: 'large' });
      b.versions(4, () => 3, { org: 'small', at: () => 300 });
    }),
  ],
];

/** The server's use-cases on a clock that jumps from event to event, with agents that take as long as the trace says. */
describe('the server makes as many installs as the simulator, within one in twenty, on', () => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario('SQLite');
  });
  afterEach(() => s.close());

  test.each(traces)('%s', { timeout: 120_000 }, async (_, trace) => {
    const made = await serve(s, trace);
    const { installs } = reportOf(trace);
    expect(Math.abs(made - installs) / installs).toBeLessThanOrEqual(0.05);
  });
});

const sha256 = 'a'.repeat(64);

interface Machine {
  id: string;
  freeS: number;
  claimed: ClaimView | null;
  jobId: string | null;
  tookMs: number;
}

/** Plays the trace on the server. @returns the installs that its devices made */
async function serve(s: Scenario, trace: Trace): Promise<number> {
  // an agent that is not heard of for an hour of this clock is well all the same
  s.deps.leaseMs = 1e9;
  for (const id of new Set(trace.jobs.map((job) => job.org_id))) {
    await createOrg(s.deps, operator, { id, name: id }, null);
  }
  // the simulator knows what installs take, as a server does that has made them before
  const versions = new Map(trace.jobs.map(({ org_id, app_version_id }) => [app_version_id, org_id]));
  await s.deps.store.transaction(async (tx) => {
    for (const [id, orgId] of versions) {
      const installMs = Math.round((trace.install_s[id] ?? 0) * 1000);
      await tx.accounts.insertAppVersion(appVersion({ id, orgId, sha256, platform: 'web' }));
      await tx.installTimes.save({ orgId, appVersionId: id, target: 'emulator', medianMs: installMs, seen: 1 });
    }
  });
  const agentId = await s.agent(trace.devices.map(({ id }) => id));
  const machines: Machine[] = trace.devices.map(({ id }) => ({ id, freeS: 0, claimed: null, jobId: null, tookMs: 0 }));
  const arrivals = [...trace.jobs].sort((a, b) => a.release_s - b.release_s);
  const durations = new Map(trace.jobs.map((job) => [`${job.id}.spec.ts`, job.duration_s]));
  let [nowS, installs] = [0, 0];

  const begin = async (machine: Machine, claimed: ClaimView, job: ClaimView['jobs'][number], fresh: boolean) => {
    const installS = fresh ? (trace.install_s[claimed.lease.appVersionId] ?? 0) : 0;
    if (fresh) {
      installs++;
      const body = { result: 'installed' as const, sha256, duration_ms: installS * 1000 };
      await reportInstall(s.deps, operator, claimed.lease, body);
    }
    const durationS = must(durations.get(job.testPath));
    Object.assign(machine, { claimed, jobId: job.id, tookMs: durationS * 1000, freeS: nowS + installS + durationS });
  };

  const ask = async (machine: Machine) => {
    const { claimed, jobId, tookMs } = machine;
    if (claimed && jobId !== null) {
      machine.jobId = null;
      const { jobs } = await s.finish(claimed, jobId, 'passed', { next: 1, durationMs: tookMs });
      const [next] = jobs;
      if (next) return begin(machine, claimed, next, false);
      await releaseLease(s.deps, operator, claimed.lease);
    }
    machine.claimed = null;
    const again = await s.claim(agentId, machine.id);
    const [job] = again?.jobs ?? [];
    if (again && job) await begin(machine, again, job, again.installRequired);
  };

  for (;;) {
    for (let job = arrivals[0]; job && job.release_s <= nowS; job = arrivals[0]) {
      arrivals.shift();
      const { org_id, app_version_id, priority } = job;
      await s.submit({ org_id, app_version_id, priority, tests: [`${job.id}.spec.ts`], dedupe: false });
    }
    for (const machine of machines) if (machine.freeS <= nowS) await ask(machine);
    const nextS = Math.min(
      arrivals[0]?.release_s ?? Number.POSITIVE_INFINITY,
      ...machines.filter(({ jobId }) => jobId !== null).map(({ freeS }) => freeS),
    );
    if (nextS === Number.POSITIVE_INFINITY) return installs;
    s.pass(Math.round((nextS - nowS) * 1000));
    nowS = nextS;
  }
}
