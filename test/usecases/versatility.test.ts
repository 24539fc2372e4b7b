import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimOrWait } from '../../server/usecases/claim.ts';
import { registerAgent } from '../../server/usecases/register-agent.ts';
import { createSignals } from '../../server/usecases/signals.ts';
import { must, openScenario, operator, type Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeEach(async () => {
  s = await openScenario('SQLite');
});
afterEach(() => s.close());

const phone = (id: string, model: string) => ({ id, target: 'device' as const, platform: 'android' as const, model });

/** Devices that wait for work, in this order, once all of them do. */
async function waitAll(agentId: string, ids: readonly string[]) {
  const { untilWorkArrives } = s.deps.signals;
  const stop = new AbortController();
  let listening = 0;
  const all = Promise.withResolvers<void>();
  s.deps.signals.untilWorkArrives = (...args) => {
    if (++listening === ids.length) all.resolve();
    return untilWorkArrives(...args);
  };
  const claims = ids.map((deviceId) =>
    claimOrWait(s.deps, operator, agentId, { deviceId, maxJobs: 1, waitMs: 25_000 }, null, stop.signal),
  );
  await all.promise;
  // behind their first looks, which find nothing
  await s.deps.store.transaction(async () => undefined);
  return {
    /** Who took the first job; the others stop waiting. */
    async taker(): Promise<string> {
      await Promise.race(claims.map(async (claim) => must(await claim)));
      stop.abort();
      const answers = await Promise.all(claims);
      return must(ids.find((_, index) => answers[index]));
    },
  };
}

test('of two free devices the one takes a job that could take the least else, though the other has waited longer', async () => {
  const devices = [phone('pixel', 'Pixel 8'), phone('galaxy', 'Galaxy S24')];
  const { agent } = await registerAgent(s.deps, operator, { name: 'rack', devices }, null);
  await s.submit({ target: 'device', devices: [{ model: 'Pixel 8' }] });
  const scarce = must(await s.claim(agent.id, 'pixel'));
  await s.finish(scarce, must(scarce.jobs[0]).id);
  s.pass(s.deps.leaseMs);

  const waiting = await waitAll(agent.id, ['pixel', 'galaxy']);
  await s.submit({ target: 'device', app_version_id: 'v2', devices: [{ platform: 'android' }] });
  expect(await waiting.taker()).toBe('galaxy');
});

test('of the kinds of work that were asked for the latest hundred decide', async () => {
  const signals = createSignals();
  const { signal } = new AbortController();
  const order = async () => {
    const woken: string[] = [];
    const waits = ['Pixel 8', 'Galaxy S24'].map(async (model) => {
      const device = { ...phone(model, model), osVersion: null, labels: [] };
      await signals.untilWorkArrives(device, 25_000, signal);
      woken.push(model);
    });
    signals.workArrived('device');
    await Promise.all(waits);
    return woken;
  };
  signals.workArrived('device', { target: 'device', devices: [{ model: 'Pixel 8' }] });
  expect(await order()).toEqual(['Galaxy S24', 'Pixel 8']);
  for (let n = 0; n < 100; n++) signals.workArrived('device', { target: 'device', devices: [{ model: `other ${n}` }] });
  expect(await order()).toEqual(['Pixel 8', 'Galaxy S24']);
});
