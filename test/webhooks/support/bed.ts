import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { vi } from 'vitest';
import type { Run, SubmitRun } from '../../../contract/run.ts';
import type { GithubContext } from '../../../contract/words.ts';
import type { Delivery } from '../../../server/domain/github/delivery.ts';
import { openSqlite } from '../../../server/store/sqlite.ts';
import { jobResult, submission, testResult } from '../../http/work.ts';
import { type GithubOptions, startGithub } from '../../support/github/github.ts';
import type { Repository } from '../../support/github/state.ts';
import type { Webhook } from '../../support/github/webhooks/payloads.ts';
import type { SendOptions } from '../../support/github/webhooks/sender.ts';
import { startTestServer } from '../../support/server.ts';

/** A GitHub at the wire with our App installed on acme/shop, and a server that knows the App. Stop it when the test is over. */
export async function startBed(options: GithubOptions = {}) {
  const github = await startGithub(options);
  const host = new URL(github.apiUrl).host;
  const server = await startTestServer({
    github: {
      appId: github.app.id,
      privateKey: github.keys.privateKey,
      webhookSecrets: [github.app.webhookSecret],
      apiUrl: github.apiUrl,
    },
  });
  github.app.webhookUrl = `${server.url}/webhooks/github`;
  const org = await server.org('acme');
  const shop = github.repository('acme/shop');
  const installation = github.install(github.app, [shop]);
  // another connection, which reads what the server has committed
  const store = openSqlite(server.settings.database);
  const hooks = github.webhooks();

  const contextOf = (over: Partial<GithubContext> = {}, repository: Repository = shop): GithubContext => ({
    host,
    repository: `${repository.owner.login}/${repository.name}`,
    repository_id: repository.id,
    check_name: 'e2e',
    ...over,
  });
  const find = (guid: string) => store.read((tx) => tx.deliveries.find(host, guid));

  return {
    github,
    host,
    server,
    org,
    shop,
    installation,
    hooks,
    store,
    contextOf,
    /** Submits a run of a commit. */
    async submit(context: Partial<GithubContext>, over: Partial<SubmitRun> = {}): Promise<Run> {
      const body = submission(org.id, { dedupe: false, github: contextOf(context), ...over });
      return (await org.submit.submitRun({ body })).body;
    },
    async run(id: string): Promise<Run> {
      return (await org.read.getRun({ params: { id } })).body;
    },
    /** Every run of a commit, oldest first. */
    async runsOf(headSha: string): Promise<string[]> {
      const { body } = await org.read.listRuns({ query: { head_sha: headSha } });
      return body.items.map(({ id }) => id).reverse();
    },
    /** Has an agent run what waits; those of the tests named fail. */
    async execute(failing: readonly string[] = [], status: 'failed' | 'flaky' = 'failed'): Promise<string[]> {
      const { body } = await org.agent.registerAgent({
        body: { name: 'bench', devices: [{ id: 'pixel', target: 'emulator', platform: 'android' }] },
      });
      const claimed = await org.agent.claim({
        params: { id: body.agent.id },
        body: { device_id: 'pixel', max_jobs: 100 },
      });
      const lease = claimed.body;
      if (!lease) return [];
      const of = { id: lease.lease.id };
      const headers = { 'qgjob-lease-token': lease.lease.token };
      for (const { id, test_path } of lease.jobs) {
        const outcome = failing.includes(test_path) ? status : 'passed';
        const tests = [testResult({ status: outcome, title: test_path, title_path: ['suite', test_path] })];
        await org.agent.putResult({ params: { ...of, job_id: id }, headers, body: jobResult({ outcome, tests }) });
      }
      await org.agent.releaseLease({ params: of, headers, body: {} });
      return lease.jobs.map(({ test_path }) => test_path);
    },
    /** Sends a webhook and waits until it is dealt with. */
    async tell(webhook: Webhook, how: SendOptions = {}): Promise<Delivery> {
      const { guid, statusCode } = await github.send(webhook, how);
      if (statusCode !== 202) throw new Error(`the delivery was answered ${statusCode}`);
      return this.handled(guid);
    },
    /** The delivery, once it is dealt with. */
    handled: (guid: string): Promise<Delivery> =>
      vi.waitFor(
        async () => {
          const found = await find(guid);
          if (!found || found.status === 'pending') throw new Error(`the delivery is ${found?.status}: ${found?.note}`);
          return found;
        },
        { timeout: 5_000, interval: 10 },
      ),
    find,
    /** Posts any bytes as a delivery, signed by GitHub's own library unless told otherwise. */
    async post(body: string, headers: Record<string, string | null> = {}): Promise<Response> {
      const all: Record<string, string | null> = {
        'content-type': 'application/json',
        'x-github-delivery': randomUUID(),
        'x-github-event': 'ping',
        'x-github-hook-installation-target-id': String(github.app.id),
        'x-hub-signature-256': body === '' ? null : await sign(github.app.webhookSecret, body),
        ...headers,
      };
      const sent = Object.entries(all).filter((each): each is [string, string] => each[1] !== null);
      return fetch(`${server.url}/webhooks/github`, { method: 'POST', body, headers: sent });
    },
    async stop(): Promise<void> {
      await store.close();
      await server.stop();
      await github.stop();
    },
  };
}

export type Bed = Awaited<ReturnType<typeof startBed>>;
