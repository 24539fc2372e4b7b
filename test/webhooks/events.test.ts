import { sign } from '@octokit/webhooks-methods';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Run } from '../../contract/run.ts';
import type { CheckRun } from '../support/github/state.ts';
import { type Bed, startBed } from './support/bed.ts';

let bed: Bed;
beforeEach(async () => {
  bed = await startBed();
});
afterEach(() => bed.stop());

const stateOf = async ({ id }: Run) => {
  const { status, conclusion, reason } = await bed.run(id);
  return [status, conclusion, reason];
};

/** The check run of a run, completed, as GitHub has it. */
function checkOf(run: Run): CheckRun {
  const { app, shop, state } = { ...bed.github, shop: bed.shop };
  const suite = bed.github.suite(app, shop, run.github?.head_sha ?? '');
  const id = state.nextId('check');
  const actions = (['rerun_failed', 'rerun_other', 'quarantine'] as const).map((identifier) => ({
    identifier,
    label: identifier,
    description: identifier,
  }));
  const check: CheckRun = {
    id,
    suite,
    name: 'e2e by hand',
    externalId: `${run.id}:1`,
    detailsUrl: null,
    status: 'completed',
    conclusion: 'failure',
    startedAt: new Date().toISOString(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions,
    history: [],
  };
  state.checkRuns.set(id, check);
  return check;
}

describe('a push to a pull request', () => {
  test('supersedes runs of its earlier commits, and of no other', async () => {
    const pull = bed.github.openPullRequest(bed.shop);
    const other = bed.github.openPullRequest(bed.shop);
    const of = (one: typeof pull) => ({ head_sha: one.headSha, pull_request: one.number });
    const old = await bed.submit(of(pull));
    const others = await bed.submit(of(other));
    const elsewhere = await bed.submit({ ...of(pull), repository_id: 99 });
    const onAnotherHost = await bed.submit({ ...of(pull), host: 'github.com' });
    bed.github.pushTo(pull);
    const fresh = await bed.submit(of(pull));
    await bed.tell(bed.hooks.pullRequest('synchronize', pull));
    expect(await stateOf(old)).toEqual([
      'completed',
      'superseded',
      expect.stringContaining(`has a newer commit: ${pull.headSha.slice(0, 12)}`),
    ]);
    for (const run of [fresh, others, elsewhere, onAnotherHost]) expect((await stateOf(run))[0]).toBe('queued');
  });

  test('told late or twice ends nothing of the present head', async () => {
    const pull = bed.github.openPullRequest(bed.shop);
    bed.github.pushTo(pull);
    const told = bed.hooks.pullRequest('synchronize', pull);
    bed.github.pushTo(pull);
    const fresh = await bed.submit({ head_sha: pull.headSha, pull_request: pull.number });
    expect((await bed.tell(told, { copies: 3 })).status).toBe('ignored');
    expect((await stateOf(fresh))[0]).toBe('queued');
  });
});

describe('a pull request that is closed', () => {
  test('has its runs cancelled', async () => {
    const pull = bed.github.openPullRequest(bed.shop);
    const run = await bed.submit({ head_sha: pull.headSha, pull_request: pull.number });
    bed.github.closePullRequest(pull);
    await bed.tell(bed.hooks.pullRequest('closed', pull));
    expect(await stateOf(run)).toEqual(['completed', 'cancelled', expect.stringContaining('was closed')]);
  });

  test('and open again by the time we hear of it keeps its runs', async () => {
    const pull = bed.github.openPullRequest(bed.shop);
    bed.github.closePullRequest(pull);
    const told = bed.hooks.pullRequest('closed', pull);
    bed.github.reopenPullRequest(pull);
    const run = await bed.submit({ head_sha: pull.headSha, pull_request: pull.number });
    await bed.tell(told);
    expect((await stateOf(run))[0]).toBe('queued');
  });
});

test('a cancelled workflow run cancels what that very attempt of it submitted', async () => {
  const workflow = bed.github.startWorkflow(bed.shop);
  const of = (attempt: number) => ({ head_sha: workflow.headSha, run_id: workflow.id, run_attempt: attempt });
  const [one, two] = [await bed.submit(of(1)), await bed.submit(of(2))];
  bed.github.completeWorkflow(workflow, 'cancelled');
  await bed.tell(bed.hooks.workflowRun('completed', workflow));
  expect(await stateOf(one)).toEqual(['completed', 'cancelled', expect.stringContaining('cancelled on GitHub')]);
  expect((await stateOf(two))[0]).toBe('queued');
});

test('a workflow run that ended in another way cancels nothing and is not kept', async () => {
  const workflow = bed.github.startWorkflow(bed.shop);
  const run = await bed.submit({ head_sha: workflow.headSha, run_id: workflow.id, run_attempt: 1 });
  bed.github.completeWorkflow(workflow, 'failure');
  const { guid } = await bed.github.send(bed.hooks.workflowRun('completed', workflow));
  expect(await bed.find(guid)).toBeUndefined();
  expect((await stateOf(run))[0]).toBe('queued');
});

test('a merge group that is gone ends its runs, and not those of a push of its commit', async () => {
  const sha = bed.github.push(bed.shop, 'queue');
  const queued = await bed.submit({ head_sha: sha, event: 'merge_group' });
  const pushed = await bed.submit({ head_sha: sha, event: 'push' });
  const webhook = bed.hooks.mergeGroup({ repository: bed.shop, headSha: sha, baseSha: sha, pullNumber: 1 });
  const body = JSON.stringify({ ...webhook.payload, action: 'destroyed', reason: 'dequeued' });
  const headers = { 'x-github-event': 'merge_group', 'x-github-delivery': 'merge-group-destroyed' };
  const signature = await sign(bed.github.app.webhookSecret, body);
  await bed.post(body, { ...headers, 'x-hub-signature-256': signature });
  await bed.handled('merge-group-destroyed');
  expect((await stateOf(queued)).slice(0, 2)).toEqual(['completed', 'superseded']);
  expect((await stateOf(pushed))[0]).toBe('queued');
});

describe('a check run that is asked for again', () => {
  test('and its suite, told by two events, is one new attempt of all its tests', async () => {
    const sha = bed.github.push(bed.shop);
    const first = await bed.submit({ head_sha: sha }, { tests: ['a.spec.ts', 'b.spec.ts'], client_lease_seconds: 5 });
    await bed.execute(['a.spec.ts']);
    const check = checkOf(first);
    await bed.tell(bed.hooks.checkSuite('rerequested', check.suite));
    const second = await bed.tell(bed.hooks.checkRun('rerequested', check));
    expect(second).toMatchObject({ status: 'ignored', note: expect.stringContaining('queued already') });
    const [, again = '', ...more] = await bed.runsOf(sha);
    expect(more).toEqual([]);
    expect(await bed.run(again)).toMatchObject({
      attempt: 2,
      retry_of: first.id,
      status: 'queued',
      job_counts: { total: 2, queued: 2 },
      github: first.github,
    });
  });

  test('while it is queued or running goes on as it is', async () => {
    const sha = bed.github.push(bed.shop);
    const run = await bed.submit({ head_sha: sha });
    expect((await bed.tell(bed.hooks.checkRun('rerequested', checkOf(run)))).status).toBe('ignored');
    expect(await bed.runsOf(sha)).toEqual([run.id]);
  });

  test('of another program is none of ours', async () => {
    const run = await bed.submit({ head_sha: bed.github.push(bed.shop) });
    for (const externalId of ['', 'run_0123:1', 'x']) {
      const check = { ...checkOf(run), externalId };
      expect((await bed.tell(bed.hooks.checkRun('rerequested', check))).status).toBe('ignored');
    }
  });

  test('in another repository than the run is of brings nothing about', async () => {
    const run = await bed.submit({ head_sha: bed.github.push(bed.shop), repository_id: 99 });
    await bed.execute();
    expect((await bed.tell(bed.hooks.checkRun('rerequested', checkOf(run)))).status).toBe('ignored');
  });
});

describe('a button', () => {
  const press = async (run: Run, button: string, login = 'grace') =>
    bed.tell(bed.hooks.requestedAction(checkOf(run), button, bed.github.account(login)));
  const failedRun = async (sha: string) => {
    const run = await bed.submit({ head_sha: sha }, { tests: ['a.spec.ts', 'b.spec.ts'] });
    await bed.execute(['a.spec.ts']);
    return run;
  };
  beforeEach(() => {
    bed.github.collaborate(bed.shop, bed.github.account('grace'), 'write');
    bed.github.collaborate(bed.shop, bed.github.account('eve'), 'read');
  });

  test('runs again what failed, or all', async () => {
    for (const [button, queued] of [
      ['rerun_failed', 1],
      ['rerun_other', 2],
    ] as const) {
      const sha = bed.github.push(bed.shop);
      const run = await failedRun(sha);
      expect((await press(run, button)).status).toBe('done');
      const [, again = ''] = await bed.runsOf(sha);
      expect((await bed.run(again)).job_counts).toMatchObject({ total: 2, queued });
      // twice is once, while it waits
      expect((await press(run, button)).status).toBe('ignored');
      await bed.execute();
    }
  });

  test('of somebody who may only read, or a stranger, does nothing', async () => {
    const sha = bed.github.push(bed.shop);
    const run = await failedRun(sha);
    for (const login of ['eve', 'mallory']) {
      for (const button of ['rerun_failed', 'rerun_other', 'quarantine'])
        expect(await press(run, button, login)).toMatchObject({
          status: 'ignored',
          note: expect.stringContaining(login),
        });
    }
    expect(await bed.runsOf(sha)).toEqual([run.id]);
    expect((await bed.org.read.listQuarantines({ params: { org: bed.org.id } })).body.items).toEqual([]);
  });

  test('quarantines what failed: from then on it runs, is reported and fails nothing, until that is ended', async () => {
    const run = await failedRun(bed.github.push(bed.shop));
    expect((await press(run, 'quarantine')).status).toBe('done');
    const params = { org: bed.org.id };
    const { items } = (await bed.org.read.listQuarantines({ params })).body;
    expect(items).toMatchObject([
      { test_path: 'a.spec.ts', title_path: ['suite', 'a.spec.ts'], by: 'grace', from_run_id: run.id },
    ]);
    const next = await failedRun(bed.github.push(bed.shop));
    expect(await bed.run(next.id)).toMatchObject({
      conclusion: 'passed',
      counts: { total: 2, failed: 1, passed: 1 },
      jobs: [
        { conclusion: 'passed', reason_code: 'failures_quarantined', reason: expect.stringContaining('a.spec.ts') },
        { conclusion: 'passed', reason: null },
      ],
    });
    await bed.org.admin.removeQuarantine({ params: { ...params, quarantine_id: items[0]?.id ?? '' } });
    expect(await bed.run((await failedRun(bed.github.push(bed.shop))).id)).toMatchObject({ conclusion: 'failed' });
  });
});

describe('a comment', () => {
  test('/qgjob retry by somebody who may write runs again what failed at the head', async () => {
    bed.github.collaborate(bed.shop, bed.github.account('grace'), 'write');
    const pull = bed.github.openPullRequest(bed.shop);
    await bed.submit({ head_sha: pull.headSha, pull_request: pull.number }, { tests: ['a.spec.ts', 'b.spec.ts'] });
    await bed.execute(['b.spec.ts']);
    const say = (login: string, text: string) =>
      bed.tell(bed.hooks.comment(bed.github.comment(pull, bed.github.account(login), text)));
    expect((await say('mallory', '/qgjob retry')).status).toBe('ignored');
    expect((await say('grace', 'Flaky, I think.\n/qgjob retry\n')).status).toBe('done');
    const [, again = '', ...more] = await bed.runsOf(pull.headSha);
    expect(more).toEqual([]);
    expect((await bed.run(again)).jobs.map(({ test_path, status }) => [test_path, status])).toEqual([
      ['a.spec.ts', 'completed'],
      ['b.spec.ts', 'queued'],
    ]);
    expect((await say('grace', '/qgjob retry')).status).toBe('ignored');
  });
});

describe('an installation', () => {
  const known = () => bed.store.read((tx) => tx.installations.find(bed.host, bed.installation.id));

  test('that is suspended and let go on is what it is now, in whatever order that is told', async () => {
    bed.github.suspend(bed.installation);
    const suspended = bed.hooks.installation('suspend', bed.installation);
    await bed.tell(suspended);
    expect(await known()).toMatchObject({ state: 'suspended', account: 'acme' });
    bed.github.unsuspend(bed.installation);
    await bed.tell(bed.hooks.installation('unsuspend', bed.installation));
    expect((await known())?.state).toBe('active');
    await bed.tell(suspended);
    expect((await known())?.state).toBe('active');
  });

  test('that is deleted stays so', async () => {
    const created = bed.hooks.installation('created', bed.installation);
    const deleted = bed.hooks.installation('deleted', bed.installation);
    bed.github.uninstall(bed.installation);
    await bed.tell(deleted);
    await bed.tell(created);
    expect((await known())?.state).toBe('deleted');
  });

  test('that a repository leaves, and comes back to, is told of it', async () => {
    const isRemoved = () => bed.store.read((tx) => tx.installations.isRemoved(bed.host, bed.shop.id));
    bed.installation.repositories.delete(bed.shop);
    const removed = bed.hooks.installationRepositories('removed', bed.installation, [bed.shop]);
    await bed.tell(removed);
    expect(await isRemoved()).toBe(true);
    bed.installation.repositories.add(bed.shop);
    await bed.tell(bed.hooks.installationRepositories('added', bed.installation, [bed.shop]));
    expect(await isRemoved()).toBe(false);
    await bed.tell(removed);
    expect(await isRemoved()).toBe(false);
  });
});
