import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../server/domain/github/delivery.ts';
import type { GithubEvent } from '../../server/domain/github/event.ts';
import { receiveDelivery } from '../../server/usecases/receive-delivery.ts';
import { createSweep } from '../../server/usecases/sweep.ts';
import { createDeliveryWorker } from '../../server/usecases/webhooks/handle-deliveries.ts';
import { engines, must, openScenario, type Scenario } from '../support/scenario.ts';

const headSha = '1'.repeat(40);
const where = { repository: { id: 7, fullName: 'acme/app' }, installationId: 1 };

describe.each(engines)('deliveries, on %s', (engine) => {
  let s: Scenario;
  const failures: [Delivery, unknown][] = [];
  beforeEach(async () => {
    s = await openScenario(engine);
    agent = await s.agent(['device']);
    failures.length = 0;
  });
  afterEach(() => s.close());

  const work = () => createDeliveryWorker(s.deps, (delivery, error) => failures.push([delivery, error]))();
  const receive = (guid: string, payload: GithubEvent) =>
    receiveDelivery(s.deps, {
      host: 'github.com',
      guid,
      event: 'x',
      action: null,
      installationId: 1,
      payload,
      misfit: null,
    });
  const find = (guid: string) => s.deps.store.read((tx) => tx.deliveries.find('github.com', guid));
  const submit = async () => {
    const github = { repository: 'acme/app', repository_id: 7, head_sha: headSha, run_id: 5, run_attempt: 1 };
    return (await s.submit({ dedupe: false, github, client_lease_seconds: 60 })).run.run;
  };
  let agent: string;
  const execute = async () => {
    const claimed = must(await s.claim(agent, 'device', 10));
    for (const { id } of claimed.jobs) await s.finish(claimed, id, 'failed');
  };
  const runs = () => s.deps.store.read((tx) => tx.runs.ofCommit(7, headSha, 10));

  test('worked on by several servers at once are done once', async () => {
    for (let round = 0; round < 10; round++) {
      const run = await submit();
      const guid = `guid ${round}`;
      await receive(guid, { kind: 'workflow_cancelled', ...where, runId: 5, runAttempt: 1 });
      await Promise.all([work(), work(), work()]);
      expect(await find(guid)).toMatchObject({ status: 'done', attempts: 1, note: null });
      const ended = await s.deps.store.read((tx) => tx.runs.find(run.id));
      expect(ended?.conclusion).toBe('cancelled');
    }
    expect(failures).toEqual([]);
  });

  test('of one click on Re-run make one new attempt, however much later the second comes', async () => {
    const first = await submit();
    await execute();
    s.pass(60_000);
    const at = s.deps.now();
    s.pass(1_000);
    const told: GithubEvent[] = [
      { kind: 'suite_rerequested', ...where, headSha, at },
      { kind: 'check_rerequested', ...where, externalId: `${first.id}:1`, at },
    ];
    for (const [n, event] of told.entries()) {
      await receive(`guid ${n}`, event);
      await work();
      expect(await runs()).toHaveLength(2);
      if (n === 0) await execute();
      s.pass(3_600_000);
    }
    expect((await find('guid 1'))?.note).toContain('was made since');
    // the next click asks for another
    await receive('guid 2', { kind: 'check_rerequested', ...where, externalId: `${first.id}:1`, at: s.deps.now() });
    await work();
    expect((await runs()).map(({ attempt }) => attempt)).toEqual([2, 2, 1]);
  });

  test('of one click on Re-run handled at the same moment make one new attempt', async () => {
    for (let round = 0; round < 5; round++) {
      const before = (await runs()).length;
      const run = before === 0 ? await submit() : must((await runs())[0]);
      await execute();
      s.pass(60_000);
      const at = s.deps.now();
      await receive(`suite ${round}`, { kind: 'suite_rerequested', ...where, headSha, at });
      await receive(`check ${round}`, { kind: 'check_rerequested', ...where, externalId: `${run.id}:1`, at });
      await Promise.all([work(), work()]);
      expect((await runs()).length).toBe(before === 0 ? 2 : before + 1);
    }
  });

  test('a new attempt asked for on GitHub has no client that could leave it', async () => {
    const first = await submit();
    await execute();
    await receive('guid', { kind: 'check_rerequested', ...where, externalId: `${first.id}:1`, at: null });
    await work();
    s.pass(3_600_000);
    await createSweep(s.deps)();
    expect((await runs())[0]).toMatchObject({ status: 'queued', retryOf: first.id });
  });

  test('that cannot be handled changes nothing but itself, and comes again in its time', async () => {
    const event = { kind: 'comment', ...where, pullRequest: 1, author: 'grace', createdAt: 0 } as const;
    await receive('guid', { ...event, commands: [{ name: 'retry' }] });
    await work();
    expect(failures).toHaveLength(1);
    const failed = must(await find('guid'));
    expect(failed).toMatchObject({ status: 'pending', attempts: 1, note: expect.stringContaining('github.com') });
    await work();
    expect(failures).toHaveLength(1);
    s.pass(failed.nextAttemptAt - s.deps.now());
    await work();
    expect(failures).toHaveLength(2);
  });

  test('are forgotten when they have been over for eight days', async () => {
    await receive('guid', { kind: 'workflow_cancelled', ...where, runId: 5, runAttempt: 1 });
    await work();
    const sweep = createSweep(s.deps);
    s.pass(8 * 86_400_000 - 1);
    await sweep();
    expect(await find('guid')).toBeDefined();
    s.pass(1);
    await sweep();
    expect(await find('guid')).toBeUndefined();
  });
});
