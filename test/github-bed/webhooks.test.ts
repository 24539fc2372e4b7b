import { verify } from '@octokit/webhooks-methods';
import { describe, expect, test, vi } from 'vitest';
import { githubJudge } from '../support/github/judge.ts';
import { describedName, type Webhook } from '../support/github/webhooks/payloads.ts';
import { appJwt, ask, head, shop } from './support/client.ts';
import { receiver } from './support/receiver.ts';

async function everyWebhook(): Promise<Webhook[]> {
  const { github, repository, installation, post } = await shop();
  await post({
    conclusion: 'failure',
    actions: [{ label: 'Again', description: 'Failed tests', identifier: 'rerun_failed' }],
  });
  const make = github.webhooks();
  const [run] = github.checkRuns();
  if (!run) throw new Error('There is no check run');
  const own = github.openPullRequest(repository);
  const foreign = github.openPullRequest(repository, {
    from: github.repository('mallory/shop', { forkOf: repository }),
  });
  github.pushTo(foreign);
  const workflow = github.startWorkflow(repository, { pull: own });
  const started = make.workflowRun('requested', workflow);
  github.completeWorkflow(workflow, 'cancelled');
  const more = github.repository('acme/more');
  const synchronized = make.pullRequest('synchronize', foreign);
  github.closePullRequest(own, { merged: true });
  installation.repositories.add(more);
  const added = make.installationRepositories('added', installation, [more]);
  installation.repositories.delete(more);
  const webhooks = [
    make.ping(),
    make.checkRun('created', run),
    make.checkRun('completed', run),
    make.checkRun('rerequested', run),
    make.requestedAction(run, 'rerun_failed'),
    make.checkSuite('requested', run.suite),
    make.checkSuite('rerequested', run.suite),
    make.checkSuite('completed', run.suite),
    make.pullRequest('opened', foreign),
    synchronized,
    make.pullRequest('closed', own),
    make.pullRequest('reopened', foreign),
    started,
    make.workflowRun('completed', workflow),
    make.mergeGroup({
      repository,
      headSha: github.push(repository, 'queue'),
      baseSha: head(repository),
      pullNumber: own.number,
    }),
    make.comment(github.comment(foreign, github.account('ada'), '/qgjob run')),
    make.installation('created', installation),
    make.installation('unsuspend', installation),
    added,
    make.installationRepositories('removed', installation, [more]),
  ];
  github.suspend(installation);
  webhooks.push(make.installation('suspend', installation));
  github.uninstall(installation);
  webhooks.push(make.installation('deleted', installation));
  return webhooks;
}

describe('webhooks', () => {
  test('of every event fit GitHub’s description', async () => {
    const judge = githubJudge();
    const all = await everyWebhook();
    expect(all.map(describedName).sort()).toEqual([...judge.events].sort());
    const misfits = all.map((one) => [describedName(one), judge.payload(describedName(one), one.payload)]);
    expect(misfits.filter(([, found]) => found?.length !== 0)).toEqual([]);
  });

  test('that do not fit are not sent', async () => {
    const { github, repository } = await shop();
    const webhook = github.webhooks().pullRequest('opened', github.openPullRequest(repository));
    await expect(github.send({ ...webhook, payload: { ...webhook.payload, number: 'one' } })).rejects.toThrow('number');
    expect(github.deliveries).toEqual([]);
  });

  test('tell of a push to a fork’s pull request what it was before and who it is from', async () => {
    const { github, repository } = await shop();
    const fork = github.repository('mallory/shop', { forkOf: repository });
    const pull = github.openPullRequest(repository, { from: fork });
    const before = pull.headSha;
    const after = github.pushTo(pull);
    expect(github.webhooks().pullRequest('synchronize', pull).payload).toMatchObject({
      before,
      after,
      pull_request: {
        head: { sha: after, repo: { full_name: 'mallory/shop', fork: true } },
        base: { repo: { full_name: 'acme/shop' } },
      },
    });
  });

  test('offer a button only when the check run is complete and shows it', async () => {
    const { github, post, patch } = await shop();
    const { body } = await post({ actions: [{ label: 'Again', description: 'All', identifier: 'again' }] });
    const [run] = github.checkRuns();
    if (!run) throw new Error('There is no check run');
    expect(() => github.webhooks().requestedAction(run, 'again')).toThrow('after completion');
    await patch(body.id, { conclusion: 'failure' });
    expect(() => github.webhooks().requestedAction(run, 'other')).toThrow('no button');
    expect(github.webhooks().requestedAction(run, 'again').payload).toMatchObject({
      requested_action: { identifier: 'again' },
    });
  });

  test('arrive signed, with GitHub’s headers, and are logged', async () => {
    const { received, url } = await receiver();
    const { github } = await shop({ webhookUrl: url, webhookSecret: 'a secret' });
    const delivery = await github.send(github.webhooks().ping());
    const [{ headers, text } = { headers: {}, text: '' }] = received;
    expect(await verify('a secret', text, String(headers['x-hub-signature-256']))).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-hook-installation-target-id': String(github.app.id),
      'x-github-hook-installation-target-type': 'integration',
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
      'x-github-delivery': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    expect(delivery).toMatchObject({
      guid: headers['x-github-delivery'],
      statusCode: 202,
      status: 'OK',
      redelivery: false,
    });
  });

  test('come twice under one id, late, changed on the way, or not at all, as the test wants', async () => {
    const { received, url } = await receiver();
    const { github } = await shop({ webhookUrl: url });
    const ping = github.webhooks().ping();
    const late = github.send(ping, { delayMs: 50, guid: 'late' });
    await github.send(ping, { copies: 3, guid: 'thrice' });
    const lost = await github.send(ping, { lost: true });
    await github.send(ping, { tamper: (body) => `${body} `, guid: 'tampered' });
    await github.send(ping, { secret: 'another', guid: 'another' });
    await late;
    expect(received.map(({ headers }) => headers['x-github-delivery'])).toEqual([
      'thrice',
      'thrice',
      'thrice',
      'tampered',
      'another',
      'late',
    ]);
    const proper = await Promise.all(
      received.map(({ headers, text }) =>
        verify(github.app.webhookSecret, text, String(headers['x-hub-signature-256'])),
      ),
    );
    expect(proper).toEqual([true, true, true, false, false, true]);
    expect(lost).toMatchObject({ statusCode: 502, status: 'failed to connect to host' });
  });

  test('come in a storm: shuffled the same way for the same seed, copies under one id', async () => {
    const orders = [];
    for (const shuffleSeed of [7, 7, 8]) {
      const { received, url } = await receiver();
      const { github, repository } = await shop({ webhookUrl: url });
      const pulls = Array.from({ length: 5 }, () => github.openPullRequest(repository));
      const webhooks = pulls.map((pull) => github.webhooks().pullRequest('opened', pull));
      const sent = await github.sendAll(webhooks, { copies: 3, shuffleSeed });
      expect(sent.map(({ statusCode }) => statusCode)).toEqual(Array(15).fill(202));
      expect(new Set(sent.map(({ guid }) => guid)).size).toBe(5);
      orders.push(received.map(({ text }) => (JSON.parse(text) as { number: number }).number));
    }
    const [first, again, other] = orders;
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(first?.toSorted()).toEqual([1, 2, 3, 4, 5].flatMap((number) => [number, number, number]));
  });

  test('of an Enterprise Server name it', async () => {
    const { received, url } = await receiver();
    const { github } = await shop({ kind: 'ghes', webhookUrl: url });
    await github.send(github.webhooks().ping());
    expect(received[0]?.headers).toMatchObject({ 'x-github-enterprise-host': 'ghes.test' });
  });

  test('time out when the receiver takes too long', async () => {
    const { url } = await receiver(() => undefined);
    const { github } = await shop({ webhookUrl: url, webhookTimeoutMs: 100 });
    const delivery = await github.send(github.webhooks().ping());
    expect(delivery).toMatchObject({ statusCode: 504, status: 'timed out' });
    expect(delivery.durationMs).toBeLessThan(5_000);
  });

  test('that failed are found through the API and delivered again under their id', async () => {
    const { received, url } = await receiver((response, count) => response.writeHead(count === 1 ? 500 : 202).end());
    const { github } = await shop({ webhookUrl: url });
    const failed = await github.send(github.webhooks().ping());
    for (let i = 0; i < 4; i++) await github.send(github.webhooks().ping());
    const token = await appJwt(github);
    const list = (query: string) => ask(`${github.apiUrl}/app/hook/deliveries${query}`, { token });
    expect((await list('?status=failure')).list).toMatchObject([
      { id: failed.id, guid: failed.guid, status_code: 500 },
    ]);

    const first = await list('?per_page=3');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask(next, { token });
    expect([...first.list, ...second.list].map(({ id }) => id)).toEqual(
      github.deliveries.map(({ id }) => id).reverse(),
    );
    expect(second.headers.get('link')).toBeNull();

    const again = await ask(`${github.apiUrl}/app/hook/deliveries/${failed.id}/attempts`, { method: 'POST', token });
    expect(again.status).toBe(202);
    await vi.waitFor(() => expect(github.deliveries).toHaveLength(6));
    expect(github.deliveries.at(-1)).toMatchObject({ guid: failed.guid, redelivery: true, statusCode: 202 });
    expect(received.at(-1)).toMatchObject({ text: received[0]?.text, headers: { 'x-github-delivery': failed.guid } });
    const one = await ask(`${github.apiUrl}/app/hook/deliveries/${failed.id}`, { token });
    expect(one.body).toMatchObject({ request: { payload: { zen: expect.any(String) } }, status_code: 500 });
    github.expectNoViolations();
  });

  test('follow a rerequest through the API', async () => {
    const { received, url } = await receiver();
    const { github, post, ask: inShop } = await shop({ webhookUrl: url });
    const { body } = await post({ conclusion: 'failure' });
    await inShop(`/check-runs/${body.id}/rerequest`, { method: 'POST' });
    await vi.waitFor(() => expect(received).toHaveLength(1));
    expect(JSON.parse(received[0]?.text ?? '')).toMatchObject({
      action: 'rerequested',
      check_run: { id: body.id, conclusion: 'failure' },
    });
    github.expectNoViolations();
  });
});
