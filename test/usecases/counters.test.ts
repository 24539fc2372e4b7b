import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Group, Job } from '../../server/domain/model.ts';
import { cancelRun } from '../../server/usecases/cancel-run.ts';
import { releaseLease } from '../../server/usecases/release-lease.ts';
import type { ClaimView } from '../../server/usecases/views.ts';
import { engines, must, openScenario, operator, type Scenario } from '../support/scenario.ts';

const devices = ['d1', 'd2', 'd3'];
const device = fc.constantFrom(...devices);
const step = fc.oneof(
  fc.record({
    does: fc.constant('submit' as const),
    files: fc.integer({ min: 1, max: 4 }),
    version: fc.constantFrom('v1', 'v2'),
    priority: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({ does: fc.constant('claim' as const), device, jobs: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    does: fc.constant('finish' as const),
    device,
    outcome: fc.constantFrom('passed', 'failed', 'infra_error', 'timed_out', 'cancelled'),
    next: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ does: fc.constant('release' as const), device }),
  fc.record({ does: fc.constant('cancel' as const), nth: fc.nat(20) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Held {
  claimed: ClaimView;
  jobIds: string[];
}

/** A history as agents and submitters make it. */
async function perform(
  s: Scenario,
  agentId: string,
  held: Map<string, Held>,
  runs: string[],
  todo: Step,
): Promise<void> {
  switch (todo.does) {
    case 'submit': {
      const tests = Array.from({ length: todo.files }, (_, n) => `${runs.length}-${n}.spec.ts`);
      const { version, priority } = todo;
      const { run } = await s.submit({ tests, app_version_id: version, priority, retries: { test: 1, infra: 1 } });
      runs.push(run.run.id);
      return;
    }
    case 'claim': {
      if (held.has(todo.device)) return;
      const claimed = await s.claim(agentId, todo.device, todo.jobs);
      if (claimed) held.set(todo.device, { claimed, jobIds: claimed.jobs.map(({ id }) => id) });
      return;
    }
    case 'finish': {
      const mine = held.get(todo.device);
      const jobId = mine?.jobIds.shift();
      if (!mine || !jobId) return;
      const { jobs } = await s.finish(mine.claimed, jobId, todo.outcome, { next: todo.next });
      mine.jobIds.push(...jobs.map(({ id }) => id));
      return;
    }
    case 'release': {
      const mine = held.get(todo.device);
      held.delete(todo.device);
      if (mine) await releaseLease(s.deps, operator, mine.claimed.lease);
      return;
    }
    case 'cancel': {
      const id = runs[todo.nth % Math.max(1, runs.length)];
      if (id) await cancelRun(s.deps, operator, id);
    }
  }
}

function recount(jobs: readonly Job[]): Pick<Group, 'queued' | 'active' | 'workMs'> {
  const waiting = jobs.filter(({ status }) => status === 'queued');
  return {
    queued: waiting.length,
    active: jobs.filter(({ status }) => status === 'assigned' || status === 'running').length,
    workMs: waiting.reduce((sum, { estimateMs }) => sum + estimateMs, 0),
  };
}

describe.each(engines)('on %s', (engine) => {
  test('after any history the counters of every group equal a recount of its jobs', { timeout: 120_000 }, async () => {
    const history = fc.array(step, { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const s = await openScenario(engine);
        try {
          const agentId = await s.agent(devices);
          const held = new Map<string, Held>();
          const runs: string[] = [];
          for (const todo of steps) await perform(s, agentId, held, runs, todo);
          await s.deps.store.read(async (tx) => {
            const jobs: Job[] = [];
            for (const id of runs) jobs.push(...(await tx.jobs.ofRun(id)));
            for (const [id, own] of Map.groupBy(jobs, ({ groupId }) => groupId)) {
              const { queued, active, workMs } = must(await tx.groups.find(id));
              expect({ queued, active, workMs }).toEqual(recount(own));
            }
          });
        } finally {
          await s.close();
        }
      }),
      { numRuns: engine === 'SQLite' ? 25 : 8 },
    );
  });
});
