import { expect, test } from 'vitest';
import type { Store } from '../../../server/store/store.ts';
import { agent, attempt, device, job, lease, newId, run } from '../../support/records.ts';

/** What traces are made of. */
export function history(store: () => Store): void {
  test('a job that ran comes with its last attempt, the device of that, its requirements and what an install took', async () => {
    const orgId = newId('org');
    const requirements = [{ model: 'Pixel 8' }];
    const of = run({ orgId, devices: requirements });
    const ran = job({ orgId, runId: of.id, appVersionId: 'v1', status: 'completed', attempts: 2 });
    const beside = agent({ orgId });
    const pixel = device({ agentId: beside.id, model: 'Pixel 8', labels: ['lab'] });
    const under = lease({ orgId, agentId: beside.id, deviceId: pixel.id });
    const install = { result: 'installed' as const, durationMs: 900, reason: null };
    await store().transaction(async (tx) => {
      const installs = { orgId, appVersionId: 'v1', seen: 1 };
      await tx.installTimes.save({ ...installs, target: 'emulator', medianMs: 1200 });
      await tx.installTimes.save({ ...installs, target: 'device', medianMs: 5000 });
      await tx.agents.insert(beside, [pixel]);
      await tx.leases.insert(under);
      await tx.runs.insert(of);
      await tx.jobs.insert([ran]);
      await tx.results.insert(attempt({ jobId: ran.id, number: 1, durationMs: 1 }));
      const last = { jobId: ran.id, number: 2, device: pixel.id, leaseId: under.id, durationMs: 7000, install };
      await tx.results.insert(attempt(last));
    });
    const found = await store().read((tx) => tx.history.jobs(orgId, null, 10));
    expect(found).toEqual([
      {
        seq: expect.any(Number),
        id: ran.id,
        orgId,
        repositoryId: null,
        appVersionId: 'v1',
        target: 'emulator',
        priority: 5,
        status: 'completed',
        createdAt: ran.createdAt,
        estimateMs: 60_000,
        requirements,
        attempt: { agent: 'mac-mini-1', device: pixel.id, durationMs: 7000, install },
        device: { target: 'emulator', platform: 'android', model: 'Pixel 8', osVersion: null, labels: ['lab'] },
        installMs: 1200,
      },
    ]);
  });

  test('jobs that have not completed or never ran come without an attempt, and are counted in a page', async () => {
    const orgId = newId('org');
    const waits = job({ orgId, attempts: 1 });
    const cancelled = job({ orgId, status: 'completed' });
    const ran = job({ orgId, status: 'completed', attempts: 1 });
    await store().transaction(async (tx) => {
      await tx.jobs.insert([ran, waits, cancelled, job({ orgId: newId('org') })]);
      await tx.results.insert(attempt({ jobId: waits.id }));
      await tx.results.insert(attempt({ jobId: ran.id }));
    });
    const first = await store().read((tx) => tx.history.jobs(orgId, null, 2));
    expect(first.map(({ id, attempt }) => [id, attempt])).toEqual([
      [cancelled.id, null],
      [waits.id, null],
    ]);
    const rest = await store().read((tx) => tx.history.jobs(orgId, first.at(-1)?.seq ?? null, 2));
    expect(rest.map(({ id, attempt, device, installMs }) => [id, attempt?.durationMs, device, installMs])).toEqual([
      [ran.id, 1000, null, null],
    ]);
    const all = await store().read((tx) => tx.history.jobs(null, null, 4));
    expect(all).toHaveLength(4);
  });
}
