import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Run } from '../../contract/run.ts';
import type { PullRequest } from '../support/github/state.ts';
import { type Bed, startBed } from './support/bed.ts';

let bed: Bed;
let pull: PullRequest;
beforeEach(async () => {
  bed = await startBed();
  const fork = bed.github.repository('mallory/shop', { forkOf: bed.shop });
  pull = bed.github.openPullRequest(bed.shop, { from: fork, author: bed.github.account('mallory') });
  bed.github.collaborate(bed.shop, bed.github.account('grace'), 'write');
});
afterEach(() => bed.stop());

const submit = (over = {}, options = {}) =>
  bed.submit({ head_sha: pull.headSha, pull_request: pull.number, from_fork: true, ...over }, options);
const say = (text: string, login = 'grace') =>
  bed.tell(bed.hooks.comment(bed.github.comment(pull, bed.github.account(login), text)));
const isHeld = async ({ id }: Run) => (await bed.run(id)).awaiting_approval;

describe('a run of a fork', () => {
  test('waits for a maintainer: no device gets it, no deadline passes, and it says so', async () => {
    const run = await submit({}, { queue_timeout_seconds: 1, client_lease_seconds: 5 });
    expect(run).toMatchObject({
      status: 'queued',
      awaiting_approval: true,
      reason: expect.stringContaining('/qgjob run'),
    });
    expect(await bed.execute()).toEqual([]);
    const job = run.jobs[0]?.id ?? '';
    expect((await bed.org.read.explainJob({ params: { id: job } })).body).toMatchObject({
      status: 'queued',
      eta_seconds: null,
      summary: expect.stringContaining('maintainer'),
    });
    const lease = await bed.org.submit.renewRunLease({ params: { id: run.id } });
    expect(lease.body).toEqual({ expires_in_ms: null });
  });

  test('goes on when somebody who may write comments /qgjob run, and is done by the next device', async () => {
    const run = await submit();
    expect((await say('/qgjob run')).status).toBe('done');
    expect(await bed.run(run.id)).toMatchObject({ status: 'queued', awaiting_approval: false, reason: null });
    expect(await bed.execute()).toEqual(['tests/login.spec.ts']);
    expect((await bed.run(run.id)).conclusion).toBe('passed');
  });

  test('stays where it is when anybody else says so, or when it is only talked about', async () => {
    const run = await submit();
    bed.github.collaborate(bed.shop, bed.github.account('eve'), 'read');
    expect((await say('/qgjob run', 'mallory')).status).toBe('ignored');
    expect((await say('/qgjob run', 'eve')).status).toBe('ignored');
    const grace = bed.github.account('grace');
    const spoken = bed.hooks.comment(bed.github.comment(pull, grace, '/qgjob run'));
    const { comment } = spoken.payload as { comment: { user: object } };
    const byBot = { ...comment, user: { ...comment.user, type: 'Bot' } };
    const talk = 'Shall I /qgjob run it?\n> /qgjob run\n```\n/qgjob run\n```\n /qgjob run';
    for (const webhook of [
      { ...spoken, payload: { ...spoken.payload, comment: byBot } },
      bed.hooks.comment(bed.github.comment(pull, grace, talk)),
    ]) {
      const sent = await bed.github.send(webhook);
      expect([sent.statusCode, await bed.find(sent.guid)]).toEqual([202, undefined]);
    }
    expect(await isHeld(run)).toBe(true);
    expect(await bed.execute()).toEqual([]);
  });

  test('of a commit that was approved does not wait', async () => {
    await say('/qgjob run');
    expect((await submit()).awaiting_approval).toBe(false);
    expect((await submit({ head_sha: pull.headSha.toUpperCase().toLowerCase() })).awaiting_approval).toBe(false);
  });

  test('of a later commit waits again: a push revokes', async () => {
    await say('/qgjob run');
    const first = await submit();
    bed.github.pushTo(pull);
    const second = await submit();
    await bed.tell(bed.hooks.pullRequest('synchronize', pull));
    expect([await isHeld(first), await isHeld(second)]).toEqual([false, true]);
    expect((await bed.run(first.id)).conclusion).toBe('superseded');
    expect(await bed.execute()).toEqual([]);
  });

  test('is not approved by a comment that was made before the push', async () => {
    const told = bed.hooks.comment(bed.github.comment(pull, bed.github.account('grace'), '/qgjob run'));
    bed.github.shiftClock(5_000);
    bed.github.pushTo(pull);
    const run = await submit();
    expect(await bed.tell(told)).toMatchObject({ status: 'ignored', note: expect.stringContaining('changed after') });
    expect(await isHeld(run)).toBe(true);
    expect((await say(`/qgjob run ${pull.shas[0]?.slice(0, 12)}`)).note).toContain('not');
    expect(await isHeld(run)).toBe(true);
    expect((await say(`/qgjob run ${pull.headSha.slice(0, 12)}`)).status).toBe('done');
    expect(await isHeld(run)).toBe(false);
  });

  test('that is cancelled while it waits stays cancelled, and waits again when it is tried again', async () => {
    const run = await submit();
    await bed.org.submit.cancelRun({ params: { id: run.id } });
    expect(await bed.run(run.id)).toMatchObject({ conclusion: 'cancelled', awaiting_approval: false });
    const again = (await bed.org.submit.retryRun({ params: { id: run.id }, body: {} })).body;
    expect(again.awaiting_approval).toBe(true);
    await say('/qgjob run');
    expect(await bed.run(run.id)).toMatchObject({ conclusion: 'cancelled' });
    expect(await isHeld(again)).toBe(false);
    expect(await bed.execute()).toHaveLength(1);
  });

  test('that nobody could ever approve is refused', async () => {
    for (const missing of ['head_sha', 'repository_id'])
      await expect(submit({ [missing]: undefined })).rejects.toMatchObject({ problem: { code: 'validation_failed' } });
  });
});
