import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awaitRun } from '../../server/usecases/await-change.ts';
import { cancelJob } from '../../server/usecases/cancel-job.ts';
import { cancelRun } from '../../server/usecases/cancel-run.ts';
import { getRun } from '../../server/usecases/get-run.ts';
import { heartbeat } from '../../server/usecases/heartbeat.ts';
import { renewRunLease } from '../../server/usecases/renew-run-lease.ts';
import { retryRun } from '../../server/usecases/retry-run.ts';
import { startJob } from '../../server/usecases/start-job.ts';
import { createSweep } from '../../server/usecases/sweep.ts';
import { engines, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

describe.each(engines)('time and cancellation, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  const view = (id: string) => getRun(s.deps, operator, id);
  const beat = (agentId: string, leaseIds: string[]) =>
    heartbeat(s.deps, operator, agentId, { devices: [], leases: leaseIds.map((id) => ({ id, job_ids: [] })) });

  async function running(body: Parameters<Scenario['submit']>[0] = {}) {
    const { run } = await s.submit(body);
    const agentId = await s.agent(['d1']);
    const claimed = must(await s.claim(agentId, 'd1'));
    const jobId = must(claimed.jobs[0]).id;
    await startJob(s.deps, operator, claimed.lease, jobId);
    return { runId: run.run.id, agentId, claimed, jobId };
  }

  test('a lease without heartbeats is lost: the job is free, its late result refused', async () => {
    const sweep = createSweep(s.deps);
    const { runId, claimed, jobId } = await running();
    s.pass(31_000);
    await sweep();
    const { jobs } = await view(runId);
    expect(must(jobs[0]).job).toMatchObject({ status: 'queued', losses: 1 });
    expect(must(jobs[0]).attempts).toMatchObject([{ outcome: 'lost' }]);
    await expect(s.finish(claimed, jobId)).rejects.toMatchObject({ code: 'lease_lost' });
  });

  test('a heartbeat renews every lease it names and no other', async () => {
    const sweep = createSweep(s.deps);
    const { runId, agentId, claimed } = await running();
    s.pass(20_000);
    expect(await beat(agentId, [claimed.lease.id])).toMatchObject({ leases: [{ status: 'active' }] });
    s.pass(20_000);
    await sweep();
    expect(must((await view(runId)).jobs[0]).job.status).toBe('running');
    await beat(agentId, []);
    s.pass(11_000);
    await sweep();
    expect(must((await view(runId)).jobs[0]).job.status).toBe('queued');
    expect(await beat(agentId, [claimed.lease.id])).toMatchObject({ leases: [{ status: 'lost' }] });
  });

  test('after a start every lease has one full life before it may run out', async () => {
    const { runId } = await running();
    s.pass(3_600_000);
    const sweep = createSweep(s.deps);
    await sweep();
    expect(must((await view(runId)).jobs[0]).job.status).toBe('running');
    s.pass(30_000);
    await sweep();
    expect(must((await view(runId)).jobs[0]).job.status).toBe('queued');
  });

  test('a job over which three agents fell silent is quarantined, and says so', async () => {
    const sweep = createSweep(s.deps);
    const { run } = await s.submit();
    for (let i = 1; i <= 3; i++) {
      const claimed = must(await s.claim(await s.agent([`d${i}`]), `d${i}`));
      await startJob(s.deps, operator, claimed.lease, must(claimed.jobs[0]).id);
      s.pass(31_000);
      await sweep();
    }
    const { job } = must((await view(run.run.id)).jobs[0]);
    expect(job).toMatchObject({ status: 'completed', conclusion: 'infra_error', reasonCode: 'quarantined' });
    expect(job.reason).toContain('agent of d1, agent of d2, agent of d3');
  });

  test('a job that was never started is not blamed for its agent', async () => {
    const sweep = createSweep(s.deps);
    const { run } = await s.submit();
    for (let i = 1; i <= 5; i++) {
      must(await s.claim(await s.agent([`d${i}`]), `d${i}`));
      s.pass(31_000);
      await sweep();
    }
    expect(must((await view(run.run.id)).jobs[0]).job).toMatchObject({ status: 'queued', losses: 0, attempts: 0 });
  });

  test('what no device takes within the queue timeout times out, and says whether one fits', async () => {
    const sweep = createSweep(s.deps);
    const alone = await s.submit({ queue_timeout_seconds: 60 });
    s.pass(61_000);
    await sweep();
    expect(must((await view(alone.run.run.id)).jobs[0]).job).toMatchObject({
      conclusion: 'timed_out',
      reasonCode: 'no_compatible_device',
    });
    const { agentId } = await running({ tests: ['busy.spec.ts'] });
    const waiting = await s.submit({ queue_timeout_seconds: 20, app_version_id: 'v2' });
    s.pass(21_000);
    await beat(agentId, []);
    await sweep();
    expect(must((await view(waiting.run.run.id)).jobs[0]).job.reasonCode).toBe('queue_timeout');
  });

  test('a run whose client left is cancelled; one whose client renews is not', async () => {
    const sweep = createSweep(s.deps);
    const left = await s.submit({ client_lease_seconds: 30 });
    const kept = await s.submit({ client_lease_seconds: 30, app_version_id: 'v2' });
    s.pass(20_000);
    expect(await renewRunLease(s.deps, operator, { runId: kept.run.run.id })).toEqual({ expiresInMs: 30_000 });
    s.pass(15_000);
    await sweep();
    expect((await view(left.run.run.id)).run.conclusion).toBe('cancelled');
    expect(must((await view(left.run.run.id)).jobs[0]).job.reasonCode).toBe('client_left');
    expect((await view(kept.run.run.id)).run.status).toBe('queued');
  });

  test('after a start every client has the time it promised to come back in', async () => {
    const { run } = await s.submit({ client_lease_seconds: 120 });
    s.pass(3_600_000);
    const sweep = createSweep(s.deps);
    await sweep();
    s.pass(119_000);
    await sweep();
    expect((await view(run.run.id)).run.status).toBe('queued');
    s.pass(1_000);
    await sweep();
    expect((await view(run.run.id)).run.conclusion).toBe('cancelled');
  });

  test('cancelling ends what waits at once and what runs when its agent has stopped', async () => {
    const { runId, agentId, claimed, jobId } = await running({ tests: ['a.spec.ts', 'b.spec.ts'] });
    const told = await cancelRun(s.deps, operator, runId);
    expect(told.jobs.map(({ job }) => job.status)).toEqual(['running', 'completed']);
    expect(await beat(agentId, [claimed.lease.id])).toMatchObject({ leases: [{ cancel_job_ids: [jobId] }] });
    await s.finish(claimed, jobId, 'cancelled');
    expect((await view(runId)).run).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    expect((await cancelRun(s.deps, operator, runId)).run.conclusion).toBe('cancelled');
  });

  test('a cancelled job whose agent fell silent is cancelled, not run again', async () => {
    const sweep = createSweep(s.deps);
    const { runId, jobId } = await running();
    await cancelJob(s.deps, operator, jobId);
    s.pass(31_000);
    await sweep();
    expect((await view(runId)).run).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
  });

  test('a retry of what failed carries over what passed and says from where', async () => {
    const { runId, claimed, jobId } = await running({ tests: ['a.spec.ts', 'b.spec.ts'] });
    const second = must((await s.finish(claimed, jobId, 'passed', { next: 1 })).jobs[0]);
    await s.finish(claimed, second.id, 'failed');
    const again = await retryRun(s.deps, operator, runId, { onlyFailed: true }, null);
    expect(again.run).toMatchObject({ attempt: 2, retryOf: runId, status: 'queued', counts: { passed: 1 } });
    expect(again.jobs.map(({ job }) => [job.status, job.carriedFrom])).toEqual([
      ['completed', jobId],
      ['queued', null],
    ]);
    await expect(retryRun(s.deps, operator, again.run.id, { onlyFailed: false }, null)).rejects.toMatchObject({
      code: 'not_completed',
    });
  });

  test('a retry of what failed, where nothing failed, is refused', async () => {
    const { runId, claimed, jobId } = await running();
    await s.finish(claimed, jobId);
    await expect(retryRun(s.deps, operator, runId, { onlyFailed: true }, null)).rejects.toMatchObject({
      code: 'nothing_to_retry',
    });
  });

  test('who waits for a newer version is answered by the change', async () => {
    const { run } = await s.submit();
    const never = new AbortController().signal;
    const waiting = awaitRun(s.deps, operator, run.run.id, { afterVersion: 1, waitMs: 25_000 }, never);
    await cancelRun(s.deps, operator, run.run.id);
    expect((await waiting).run.status).toBe('completed');
  });
});
