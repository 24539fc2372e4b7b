import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setAsideMs } from '../../server/domain/blame-matrix.ts';
import { claim } from '../../server/usecases/claim.ts';
import { explainJob } from '../../server/usecases/explain-job.ts';
import { listDevices } from '../../server/usecases/fleet.ts';
import { getRun } from '../../server/usecases/get-run.ts';
import { heartbeat } from '../../server/usecases/heartbeat.ts';
import { loadCheckView } from '../../server/usecases/load-check-view.ts';
import { releaseDevice } from '../../server/usecases/release-device.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { reportInstall } from '../../server/usecases/report-install.ts';
import { engines, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

describe.each(engines)('whom failures are put down to, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  const retries = { test: 1, infra: 1 };

  /** A device takes the next job and ends it so; false when there was none for it. */
  async function runNext(agentId: string, deviceId: string, outcome: 'passed' | 'failed'): Promise<boolean> {
    const claimed = await s.claim(agentId, deviceId);
    if (!claimed) return false;
    const installed = { result: 'installed' as const, sha256: null, duration_ms: 1 };
    if (claimed.installRequired) await reportInstall(s.deps, operator, claimed.lease, installed);
    await s.finish(claimed, must(claimed.jobs[0]).id, outcome);
    await releaseLease(s.deps, operator, claimed.lease);
    return true;
  }

  /** A device fails a job, asks for more as every free device does, and is given none. */
  async function failOn(agentId: string, deviceId: string): Promise<void> {
    expect(await runNext(agentId, deviceId, 'failed')).toBe(true);
    expect(await runNext(agentId, deviceId, 'passed')).toBe(false);
  }

  /** Fails so many test files on d1 that then pass on d2. */
  async function failOnFirst(agentId: string, files: number): Promise<void> {
    for (let n = 0; n < files; n++) {
      await s.submit({ tests: [`${n}.spec.ts`], retries });
      await failOn(agentId, 'd1');
      expect(await runNext(agentId, 'd2', 'passed')).toBe(true);
    }
  }

  test('a retry goes to another device while one is at work, and says so', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    const { run } = await s.submit({ retries });
    await failOn(agentId, 'd1');
    const why = await explainJob(s.deps, operator, must(run.jobs[0]).job.id);
    expect(why.summary).toContain('It failed on d1 and waits for another.');
    expect(why.candidates.map(({ device, failed_here }) => [device, failed_here]).sort()).toEqual([
      ['d1', true],
      ['d2', false],
    ]);
    expect(await runNext(agentId, 'd2', 'passed')).toBe(true);
  });

  test('a job that may not run where it failed holds up no job behind it', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    await s.submit({ tests: ['a.spec.ts', 'b.spec.ts'], retries });
    expect(await runNext(agentId, 'd1', 'failed')).toBe(true);
    expect(must(must(await s.claim(agentId, 'd1')).jobs[0]).testPath).toBe('b.spec.ts');
  });

  test('a device without a job for it wakes the others once, not whenever it asks', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    for (const devices of [[], [{ platform: 'web' as const }]]) await s.submit({ devices, retries });
    for (let n = 0; n < 2; n++) expect(await runNext(agentId, 'd1', 'failed')).toBe(true);
    let woken = 0;
    const { signals } = s.deps;
    const deps = { ...s.deps, signals: { ...signals, workArrived: () => void woken++ } };
    for (let n = 0; n < 5; n++) {
      expect(await claim(deps, operator, agentId, { deviceId: 'd1', maxJobs: 1 }, null)).toBeNull();
    }
    expect(woken).toBe(1);
  });

  test('a retry repeats on its device when there is no other, or that one has left', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    await s.submit({ retries });
    await failOn(agentId, 'd1');
    const state = { id: 'd2', state: 'offline' as const, installed: null };
    await heartbeat(s.deps, operator, agentId, { devices: [state], leases: [] });
    expect(await runNext(agentId, 'd1', 'passed')).toBe(true);
  });

  test('a device on which three files failed that passed elsewhere is set aside, explained, and comes back', async () => {
    const agentId = await s.agent(['d1', 'd2', 'd3']);
    await failOnFirst(agentId, 3);
    await s.submit({ tests: ['next.spec.ts'] });
    expect(await s.claim(agentId, 'd1')).toBeNull();
    const [d1, d2] = await listDevices(s.deps, operator, {});
    expect(must(d1).setAside?.why).toBe('3 different test files failed on it and passed on other devices.');
    expect(must(d2).setAside).toBeNull();
    const { run } = await s.submit({ tests: ['more.spec.ts'] });
    const why = await explainJob(s.deps, operator, must(run.jobs[0]).job.id);
    expect(why.summary).toContain(
      'd1 has been set aside since 2026-01-01 00:00 UTC: 3 different test files failed on it',
    );
    await releaseDevice(s.deps, operator, agentId, 'd1');
    expect(await s.claim(agentId, 'd1')).not.toBeNull();
  });

  test('a device that was set aside is asked again after a pause', async () => {
    const agentId = await s.agent(['d1', 'd2', 'd3']);
    await failOnFirst(agentId, 3);
    await s.submit({ tests: ['next.spec.ts'] });
    expect(await s.claim(agentId, 'd1')).toBeNull();
    s.pass(setAsideMs);
    await heartbeat(s.deps, operator, agentId, { devices: [], leases: [] });
    expect(await s.claim(agentId, 'd1')).not.toBeNull();
  });

  test('a device that was set aside takes jobs again when too few others of its class are left', async () => {
    const agentId = await s.agent(['d1', 'd2', 'd3']);
    await failOnFirst(agentId, 3);
    const { run } = await s.submit({ tests: ['next.spec.ts'] });
    expect(await s.claim(agentId, 'd1')).toBeNull();
    const gone = { id: 'd3', state: 'offline' as const, installed: null };
    await heartbeat(s.deps, operator, agentId, { devices: [gone], leases: [] });
    expect(must((await listDevices(s.deps, operator, {}))[0]).setAside).toBeNull();
    const why = await explainJob(s.deps, operator, must(run.jobs[0]).job.id);
    expect(why.summary).toContain('3 of 3 emulator devices fit and 2 are free.');
    expect(await s.claim(agentId, 'd1')).not.toBeNull();
  });

  test('of two devices none is set aside', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    await failOnFirst(agentId, 4);
    await s.submit({ tests: ['next.spec.ts'] });
    expect(await s.claim(agentId, 'd1')).not.toBeNull();
  });

  test('what fails on every device and passed with the app version before says that it may be a regression', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    await s.submit();
    expect(await runNext(agentId, 'd1', 'passed')).toBe(true);
    const { run } = await s.submit({ app_version_id: 'v2', retries });
    await failOn(agentId, 'd1');
    expect(await runNext(agentId, 'd2', 'failed')).toBe(true);
    const { job } = must((await getRun(s.deps, operator, run.run.id)).jobs[0]);
    expect(job.reason).toMatch(
      /It passed with app version v1 and fails with this one on each of 2 devices tried: it may be a regression\.$/,
    );
  });

  test('what passes when it is retried is flaky, with its rate', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    const { run } = await s.submit({ retries });
    await failOn(agentId, 'd1');
    expect(await runNext(agentId, 'd2', 'passed')).toBe(true);
    const stored = await getRun(s.deps, operator, run.run.id);
    expect(stored.run).toMatchObject({ conclusion: 'passed', counts: { flaky: 1 } });
    const { flakyRates } = await s.deps.store.read((tx) => loadCheckView(s.deps, tx, stored.run, s.deps.now()));
    const [rate] = [...must(flakyRates).values()];
    expect(rate).toBeGreaterThan(0.4);
    expect(rate).toBeLessThan(0.6);
  });
});
