import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimOrWait } from '../../server/usecases/claim.ts';
import { commandAgent } from '../../server/usecases/fleet.ts';
import { createOrg, putLimits } from '../../server/usecases/manage-orgs.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import { reportInstall } from '../../server/usecases/report-install.ts';
import { engines, keyOf, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

describe.each(engines)('claims, on %s', (engine) => {
  let s: Scenario;
  beforeEach(async () => {
    s = await openScenario(engine);
  });
  afterEach(() => s.close());

  const paths = (n: number) => Array.from({ length: n }, (_, i) => `tests/${i}.spec.ts`);
  const done = (lease: { id: string; token: string }) => releaseLease(s.deps, operator, lease);

  test('a claim is one group: never jobs of two app versions or two organisations', async () => {
    await s.submit({ tests: paths(2) });
    await s.submit({ tests: paths(2), app_version_id: 'v2' });
    await s.submit({ tests: paths(2), org_id: 'zeta' });
    const agentId = await s.agent(['d1', 'd2', 'd3']);
    const claims = [];
    for (const id of ['d1', 'd2', 'd3']) claims.push(must(await s.claim(agentId, id, 10)));
    expect(claims.map(({ lease, jobs }) => `${lease.orgId} ${lease.appVersionId} ${jobs.length}`).sort()).toEqual([
      'acme v1 2',
      'acme v2 2',
      'zeta v1 2',
    ]);
  });

  test('a device stays on its installed app version while that has work: two versions on two devices, two installs', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    await s.submit({ tests: paths(6) });
    await s.submit({ tests: paths(6), app_version_id: 'v2' });
    const installed = new Map<string, string[]>();
    for (let round = 0; round < 6; round++) {
      for (const id of ['d1', 'd2']) {
        const claimed = must(await s.claim(agentId, id));
        if (claimed.installRequired) {
          installed.set(id, [...(installed.get(id) ?? []), claimed.lease.appVersionId]);
          await reportInstall(s.deps, operator, claimed.lease, {
            result: 'installed',
            sha256: null,
            duration_ms: 40_000,
          });
        }
        await s.finish(claimed, must(claimed.jobs[0]).id);
        await done(claimed.lease);
      }
    }
    expect([...installed.values()].map((versions) => versions.length)).toEqual([1, 1]);
    expect(new Set([...installed.values()].flat())).toEqual(new Set(['v1', 'v2']));
    expect(await s.claim(agentId, 'd1')).toBeNull();
  });

  test('a lease goes on while nothing has the better claim, and ends for an urgent group that no device serves', async () => {
    const minute = { next: 1, durationMs: 60_000 };
    const agentId = await s.agent(['d1']);
    await s.submit({ tests: paths(6) });
    const alone = must(await s.claim(agentId, 'd1'));
    let next = (await s.finish(alone, must(alone.jobs[0]).id, 'passed', minute)).jobs;
    next = (await s.finish(alone, must(next[0]).id, 'passed', minute)).jobs;
    expect(next).toHaveLength(1);
    await s.submit({ tests: paths(1), app_version_id: 'v3' });
    next = (await s.finish(alone, must(next[0]).id, 'passed', minute)).jobs;
    expect(next).toHaveLength(1);
    await s.submit({ tests: paths(1), app_version_id: 'v2', priority: 8 });
    next = (await s.finish(alone, must(next[0]).id, 'passed', minute)).jobs;
    expect(next).toEqual([]);
    await done(alone.lease);
    expect(must(await s.claim(agentId, 'd1')).lease.appVersionId).toBe('v2');
  });

  test('within an organisation the higher priority comes first, then the older', async () => {
    const agentId = await s.agent(['d1']);
    await s.submit({ tests: ['low.spec.ts'], priority: 2 });
    s.pass(1000);
    await s.submit({ tests: ['second.spec.ts'] });
    s.pass(1000);
    await s.submit({ tests: ['first.spec.ts'], priority: 9 });
    const claimed = must(await s.claim(agentId, 'd1', 3));
    expect(claimed.jobs.map((job) => job.testPath)).toEqual(['first.spec.ts', 'second.spec.ts', 'low.spec.ts']);
  });

  test("an organisation's agents never get another's jobs; shared agents serve all", async () => {
    await createOrg(s.deps, operator, { id: 'zeta', name: 'Zeta' }, null);
    await s.submit();
    const foreign = keyOf('zeta', 'agent');
    expect(await s.claim(await s.agent(['d1'], foreign), 'd1', 1, foreign)).toBeNull();
    const shared = { ...foreign, orgId: null, shared: true };
    expect(await s.claim(await s.agent(['d2'], shared), 'd2', 1, shared)).not.toBeNull();
  });

  test("another organisation's key cannot claim with an agent that is not its own", async () => {
    await s.submit();
    const agentId = await s.agent(['d1']);
    await expect(s.claim(agentId, 'd1', 1, keyOf('zeta', 'agent'))).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a device that does not fit gets nothing, and does not hold up one that does', async () => {
    await s.submit({ devices: [{ platform: 'ios' }] });
    await s.submit({ tests: ['web.spec.ts'], devices: [{ platform: 'web' }] });
    const claimed = must(await s.claim(await s.agent(['d1']), 'd1', 5));
    expect(claimed.jobs.map((job) => job.testPath)).toEqual(['web.spec.ts']);
  });

  test('a claim anew gives back what the device held: the first answer was lost', async () => {
    await s.submit();
    const agentId = await s.agent(['d1']);
    const lost = must(await s.claim(agentId, 'd1'));
    const again = must(await s.claim(agentId, 'd1'));
    expect(again.jobs).toEqual(lost.jobs);
    await expect(s.finish(lost, must(lost.jobs[0]).id)).rejects.toMatchObject({ code: 'lease_lost' });
  });

  test('a paused agent gets nothing, a draining one is told so', async () => {
    await s.submit();
    const agentId = await s.agent(['d1']);
    await commandAgent(s.deps, operator, agentId, 'pause');
    expect(await s.claim(agentId, 'd1')).toBeNull();
    await commandAgent(s.deps, operator, agentId, 'drain');
    await expect(s.claim(agentId, 'd1')).rejects.toMatchObject({ code: 'agent_draining' });
    await commandAgent(s.deps, operator, agentId, null);
    expect(await s.claim(agentId, 'd1')).not.toBeNull();
  });

  test('an organisation at its limit of active jobs gets no further device', async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    await putLimits(s.deps, operator, 'acme', { max_queued_jobs: null, max_active_jobs: 1, weight: 1 });
    await s.submit({ tests: paths(2) });
    const agentId = await s.agent(['d1', 'd2']);
    const first = must(await s.claim(agentId, 'd1'));
    expect(await s.claim(agentId, 'd2')).toBeNull();
    await s.finish(first, must(first.jobs[0]).id);
    expect(await s.claim(agentId, 'd1')).not.toBeNull();
  });

  test('a lease does not take its organisation over the limit of active jobs either', async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    const limit = (max_active_jobs: number) =>
      putLimits(s.deps, operator, 'acme', { max_queued_jobs: null, max_active_jobs, weight: 1 });
    await limit(4);
    await s.submit({ tests: paths(9) });
    const claimed = must(await s.claim(await s.agent(['d1']), 'd1', 9));
    expect(claimed.jobs).toHaveLength(4);
    const [first, second] = claimed.jobs;
    expect((await s.finish(claimed, must(first).id, 'passed', { next: 5 })).jobs).toHaveLength(1);
    await limit(2);
    expect((await s.finish(claimed, must(second).id, 'passed', { next: 5 })).jobs).toEqual([]);
  });

  test('claims of different groups at once do not take an organisation over the limit of active jobs together', async () => {
    await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
    await putLimits(s.deps, operator, 'acme', { max_queued_jobs: null, max_active_jobs: 2, weight: 1 });
    const ids = Array.from({ length: 8 }, (_, i) => `d${i}`);
    for (const id of ids) await s.submit({ app_version_id: id });
    const agentId = await s.agent(ids);
    const claims = await Promise.all(ids.map((id) => s.claim(agentId, id)));
    expect(claims.filter((claimed) => claimed !== null)).toHaveLength(2);
  });

  test('leases that end at once are all charged to their organisation, and limits that are set meanwhile are kept', async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `d${i}`);
    for (const id of ids) await s.submit({ app_version_id: id });
    const agentId = await s.agent(ids);
    const claims = [];
    for (const id of ids) claims.push(must(await s.claim(agentId, id)));
    s.pass(20_000);
    const limits = { max_queued_jobs: null, max_active_jobs: 77, weight: 2 };
    await Promise.all([...claims.map(({ lease }) => done(lease)), putLimits(s.deps, operator, 'acme', limits)]);
    const org = await s.deps.store.read((tx) => tx.orgs.find('acme'));
    expect(org).toMatchObject({ usageMs: 8 * 20_000, maxActiveJobs: 77, weight: 2 });
  });

  test.each(['a job of its organisation at the limit ends elsewhere', 'the limit is raised', 'its agent is resumed'])(
    'a waiting claim is asked again when %s',
    async (when) => {
      await createOrg(s.deps, operator, { id: 'acme', name: 'Acme' }, null);
      const limit = (max_active_jobs: number) =>
        putLimits(s.deps, operator, 'acme', { max_queued_jobs: null, max_active_jobs, weight: 1 });
      await limit(1);
      const [one, other] = [await s.agent(['d1'], keyOf('acme')), await s.agent(['d2'])];
      await s.submit();
      const first = must(await s.claim(one, 'd1', 1, keyOf('acme')));
      // nothing of the first lease is left behind
      await s.submit({ app_version_id: 'v2' });
      if (when === 'its agent is resumed') {
        await limit(2);
        await commandAgent(s.deps, operator, other, 'pause');
      }
      const input = { deviceId: 'd2', maxJobs: 1, waitMs: 3000 };
      const waiting = claimOrWait(s.deps, operator, other, input, null, new AbortController().signal);
      // until it has looked and found nothing
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (when === 'its agent is resumed') await commandAgent(s.deps, operator, other, null);
      else if (when === 'the limit is raised') await limit(2);
      else {
        await s.finish(first, must(first.jobs[0]).id);
        await done(first.lease);
      }
      expect((await waiting)?.jobs).toHaveLength(1);
    },
  );

  test('a job never starts once its queue timeout or the lease of its client has lapsed, though the loop has not come round', async () => {
    const agentId = await s.agent(['d1']);
    await s.submit({ tests: ['late.spec.ts'], queue_timeout_seconds: 60 });
    await s.submit({ tests: ['left.spec.ts'], client_lease_seconds: 60 });
    s.pass(60_000);
    expect(await s.claim(agentId, 'd1')).toBeNull();
    await s.submit({ tests: ['wanted.spec.ts'] });
    expect(must(await s.claim(agentId, 'd1', 5)).jobs.map((job) => job.testPath)).toEqual(['wanted.spec.ts']);
  });

  test('a device that stands aside is asked again when another leaves work behind', async () => {
    const agentId = await s.agent(['d1', 'd2']);
    await s.submit({ tests: paths(2) });
    const first = must(await s.claim(agentId, 'd1'));
    expect(await s.claim(agentId, 'd2')).toBeNull();
    const waiting = claimOrWait(
      s.deps,
      operator,
      agentId,
      { deviceId: 'd2', maxJobs: 1, waitMs: 25_000 },
      null,
      new AbortController().signal,
    );
    await done(first.lease);
    await commandAgent(s.deps, operator, agentId, null);
    expect((await waiting)?.jobs).toHaveLength(1);
  });

  test('a waiting claim is answered by the submission, not by the clock', async () => {
    const agentId = await s.agent(['d1']);
    const waiting = claimOrWait(
      s.deps,
      operator,
      agentId,
      { deviceId: 'd1', maxJobs: 1, waitMs: 25_000 },
      null,
      new AbortController().signal,
    );
    const { run } = await s.submit();
    expect(must(await waiting).jobs[0]?.id).toBe(run.jobs[0]?.job.id);
  });

  test('two hundred groups claimed by eight devices at once: every job exactly once', async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `d${i}`);
    const agentId = await s.agent(ids);
    for (let v = 0; v < 50; v++) await s.submit({ app_version_id: `v${v}`, tests: paths(4) });
    const taken: string[] = [];
    await Promise.all(
      ids.map(async (id) => {
        for (;;) {
          const claimed = await s.claim(agentId, id, 2);
          if (!claimed) return;
          for (const job of claimed.jobs) {
            taken.push(job.id);
            await s.finish(claimed, job.id);
          }
          await done(claimed.lease);
        }
      }),
    );
    expect(taken).toHaveLength(200);
    expect(new Set(taken).size).toBe(200);
    expect(await s.deps.store.read((tx) => tx.groups.totals(null))).toMatchObject({ queued: 0, active: 0 });
  });
});
