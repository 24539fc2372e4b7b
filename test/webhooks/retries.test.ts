import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { redeliverMissed } from '../../server/usecases/webhooks/redeliver-missed.ts';
import { startTestServer } from '../support/server.ts';
import { type Bed, startBed } from './support/bed.ts';

let bed: Bed;
beforeEach(async () => {
  bed = await startBed();
});
afterEach(() => bed.stop());

const closed = async () => {
  const pull = bed.github.openPullRequest(bed.shop);
  const run = await bed.submit({ head_sha: pull.headSha, pull_request: pull.number });
  bed.github.closePullRequest(pull);
  return { run, webhook: bed.hooks.pullRequest('closed', pull) };
};
const readPull = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';

describe('a delivery that GitHub keeps us from handling', () => {
  test('is tried again later, and done then', async () => {
    const { run, webhook } = await closed();
    const fault = bed.github.faults.arm({ kind: 'status', status: 502 }, { route: readPull });
    const { guid } = await bed.github.send(webhook);
    await vi.waitFor(async () => expect(await bed.find(guid)).toMatchObject({ status: 'pending', attempts: 1 }));
    expect(fault.hits).toBe(1);
    expect((await bed.run(run.id)).status).toBe('queued');
    // its time, come early
    const failed = await bed.find(guid);
    if (failed) await bed.store.transaction((tx) => tx.deliveries.save({ ...failed, nextAttemptAt: 0 }));
    expect(await bed.handled(guid)).toMatchObject({ status: 'done', attempts: 2 });
    expect((await bed.run(run.id)).conclusion).toBe('cancelled');
  });

  test('is told in the metrics', async () => {
    const { webhook } = await closed();
    bed.github.faults.arm({ kind: 'status', status: 502 }, { route: readPull, times: 99 });
    const { guid } = await bed.github.send(webhook);
    await vi.waitFor(async () => expect((await bed.find(guid))?.attempts).toBe(1));
    const text = await (await bed.server.fetch('/metrics')).text();
    expect(text).toContain('qgjob_deliveries_pending 1');
    expect(text).toContain('qgjob_deliveries_failed 0');
  });
});

describe('deliveries that nobody received', () => {
  test('are asked for when a server starts', async () => {
    const { run, webhook } = await closed();
    const lost = await bed.github.send(webhook, { lost: true });
    // a second server of the same database finds at its start what was missed
    const { settings } = bed.server;
    const second = await startTestServer({ database: settings.database, github: settings.github });
    await bed.handled(lost.guid);
    expect((await bed.run(run.id)).conclusion).toBe('cancelled');
    await second.stop();
  });

  test('are asked for once, and what arrived or does not matter never', async () => {
    const { webhook } = await closed();
    await bed.tell(webhook);
    await bed.github.send(bed.hooks.ping());
    const lost = await bed.github.send((await closed()).webhook, { lost: true });
    const before = bed.github.deliveries.length;
    const deps = await depsOf();
    expect(await redeliverMissed(deps)).toBe(1);
    await bed.handled(lost.guid);
    expect(await redeliverMissed(deps)).toBe(0);
    expect(bed.github.deliveries.length).toBe(before + 1);
  });

  /** The use-case's own view: the store of the bed, and an adapter of the App. */
  async function depsOf() {
    const { createGithub } = await import('../../server/github/apps.ts');
    const { github: settings } = bed.server.settings;
    if (!settings) throw new Error('the bed has an App');
    const github = createGithub(
      async () => [{ host: bed.host, ...settings }],
      { now: Date.now, sleep: () => Promise.resolve() },
      () => {},
    );
    await github.refresh();
    return { store: bed.store, github, now: Date.now };
  }
});

test('a delivery sent thrice at once acts once', async () => {
  bed.github.collaborate(bed.shop, bed.github.account('grace'), 'write');
  const pull = bed.github.openPullRequest(bed.shop);
  await bed.submit({ head_sha: pull.headSha, pull_request: pull.number }, { tests: ['a.spec.ts'] });
  await bed.execute(['a.spec.ts']);
  const webhook = bed.hooks.comment(bed.github.comment(pull, bed.github.account('grace'), '/qgjob retry'));
  const guid = randomUUID();
  await Promise.all([1, 2, 3].map(() => bed.github.send(webhook, { guid })));
  await bed.handled(guid);
  await bed.execute();
  await bed.github.send(webhook, { guid });
  expect(await bed.runsOf(pull.headSha)).toHaveLength(2);
});
