import type { AddressInfo } from 'node:net';
import type { TokenRules } from './credentials.ts';
import { createFaults, type Faults } from './faults.ts';
import { githubJudge } from './judge.ts';
import { type KeyPair, makeKeyPair } from './key-pair.ts';
import { type Pace, paceOf, type RecordedRequest } from './recorder.ts';
import { createRestApi, type Violation } from './rest-api.ts';
import { appRoutes } from './routes/app.ts';
import { checkRoutes } from './routes/checks.ts';
import { hookRoutes } from './routes/hook.ts';
import { createManifestFlow } from './routes/manifest.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { createScene, type Scene } from './scene.ts';
import { createWire } from './server.ts';
import type { Hosts } from './shapes/account.ts';
import { type App, type CheckRun, createState, type Permissions, type Repository, type State } from './state.ts';
import { describedName, type Webhook, type Webhooks, webhooksTo } from './webhooks/payloads.ts';
import { createSender, type Delivery, type SendOptions, type StormOptions } from './webhooks/sender.ts';

export interface GithubOptions {
  /** `ghes` answers below /api/v3, as a GitHub Enterprise Server does; `github.com` unless told. */
  kind?: 'github.com' | 'ghes';
  /** Of the App that is registered from the start; two hosts may well use one number. */
  appId?: number;
  webhookSecret?: string;
  /** Where that App's webhooks go; may be set later as `github.app.webhookUrl`. */
  webhookUrl?: string;
  permissions?: Permissions;
  events?: string[];
  /** GitHub's clock, in milliseconds since 1970; the real one unless told. */
  now?: () => number;
  tokens?: Partial<TokenRules>;
  /** How long every answer takes, 0 unless told. Give it some when `pace().mostAtOnce` is asked: GitHub takes 100 ms and more. */
  latencyMs?: number;
  /** How long a webhook's receiver may take: 10 s, on `ghes` 30 s, unless told. */
  webhookTimeoutMs?: number;
}

export interface Github extends Scene {
  /** Without a path: where people go (`/settings/apps/new` is there). */
  webUrl: string;
  /** What GITHUB_API_URL would be. */
  apiUrl: string;
  app: App;
  /** The App's keys, as GitHub hands them out (PKCS#1) and converted. */
  keys: KeyPair;
  state: State;
  faults: Faults;
  /** Every request, in the order of arrival. */
  requests: RecordedRequest[];
  violations: Violation[];
  /** Deliveries of webhooks, oldest first. */
  deliveries: Delivery[];
  /** Makes webhooks to the App (another App when told); `send` sends them. */
  webhooks(app?: App): Webhooks;
  send(webhook: Webhook, options?: SendOptions): Promise<Delivery>;
  /** Sends many: `{ copies: 3, shuffleSeed: 7, atOnce: 20 }`. @returns every attempt, in the order of their ends */
  sendAll(webhooks: Webhook[], options?: StormOptions): Promise<Delivery[]>;
  redeliver(id: number): Promise<Delivery>;
  /** Check runs of a repository, oldest first. */
  checkRuns(repository?: Repository): CheckRun[];
  /** A person's token: reads, but writes no checks. */
  personalToken(): string;
  /** Lets GitHub's clock go wrong, or time pass, by this much. */
  shiftClock(byMs: number): void;
  /** How writes came in: how many, how far apart, how many at once (see `latencyMs`). */
  pace(installationId?: number): Pace;
  /** Requests that came before the time which a rate limit had named. */
  tooEarly(): RecordedRequest[];
  /** @throws Error naming everything sent or said that GitHub would not have taken or said */
  expectNoViolations(): void;
  stop(): Promise<void>;
}

/**
 * A GitHub at the wire: one process, real HTTP on loopback, what it knows in memory.
 *
 * It refuses what GitHub refuses. Each request is judged by GitHub's own description (description/rest.json) and by the rules
 * that are prose only (prose-rules.ts); what does not fit is answered 422 and kept in `violations`, so end a test with
 * `expectNoViolations()`. Its own answers and webhooks are judged by the same descriptions.
 *
 *     const github = await startGithub({ webhookUrl: `${server.url}/webhooks/github` });
 *     onTestFinished(() => github.stop());
 *     const shop = github.repository('acme/shop');
 *     const installation = github.install(github.app, [shop]);             // or an account: all of its repositories
 *     const pull = github.openPullRequest(shop);                           // { from: fork } for a fork's
 *     await github.send(github.webhooks().pullRequest('opened', pull));     // { copies: 3 }, { lost: true }, { delayMs: 50 }
 *     // … the code under test, with GITHUB_APP_ID github.app.id, key github.keys.privateKey, GITHUB_API_URL github.apiUrl …
 *     expect(github.checkRuns(shop)).toMatchObject([{ status: 'completed', conclusion: 'success' }]);
 *     github.expectNoViolations();
 *
 * What people do (`push`, `comment`, `suspend`, …: scene.ts) changes what GitHub knows and sends nothing; webhooks are made by
 * `webhooks()` from what GitHub knows at that moment and sent by `send`, in the order, number and delay the test wants.
 *
 * Faults: `faults.arm({ kind: 'reset', committed: true }, { route: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}' })`
 * hits the next such request; `faults.outage({ kind: 'status', status: 503 })` all of them until `outage(null)`. Limits
 * (`secondary-limit`, `primary-limit`) remember until when they told an installation to wait: `tooEarly()` lists who did not.
 * `pace(installation.id)` tells how far apart and how many at once writes came. Tokens refused for a while after minting:
 * `tokens: { replicationMs: 3_000 }`. Two hosts at once: start two.
 */
export async function startGithub(options: GithubOptions = {}): Promise<Github> {
  const { kind = 'github.com', webhookTimeoutMs = kind === 'ghes' ? 30_000 : 10_000 } = options;
  const clock = options.now ?? (() => performance.timeOrigin + performance.now());
  let shiftMs = 0;
  const now = () => clock() + shiftMs;
  const state = createState();
  const scene = createScene(state, now);
  const judge = githubJudge();
  const keys = await makeKeyPair();
  const app = firstApp(options, scene, keys, now());
  state.apps.set(app.id, app);

  const hosts: Hosts = { web: '', api: '' };
  const violations: Violation[] = [];
  const requests: RecordedRequest[] = [];
  const faults = createFaults();
  const named =
    kind === 'ghes' ? { 'x-github-enterprise-host': 'ghes.test', 'x-github-enterprise-version': '3.19.0' } : {};
  const sender = createSender({ state, timeoutMs: webhookTimeoutMs, headers: named, now });
  const manifests = createManifestFlow(state, now);
  const tokens: TokenRules = { lifetimeMs: 3_600_000, replicationMs: 0, ...options.tokens };

  const judged = (webhook: Webhook): Webhook => {
    const misfits = judge.payload(describedName(webhook), webhook.payload);
    if (misfits.length === 0) return webhook;
    throw new Error(`GitHub sends no such ${describedName(webhook)}: ${JSON.stringify(misfits)}`);
  };
  const send: Github['send'] = async (webhook, how) => sender.send(judged(webhook), how);
  const webhooks: Github['webhooks'] = (to = app) => webhooksTo(to, hosts, state, now);
  const api = createRestApi({
    state,
    judge,
    rules: [...appRoutes(tokens), ...checkRoutes, ...repositoryRoutes, ...hookRoutes(sender), ...manifests.routes],
    tokens,
    hosts: () => hosts,
    now,
    violations,
    rerequested(run) {
      if (run.suite.app.webhookUrl === null) return;
      // the log keeps a failure; GitHub does not wait for the receiver
      setImmediate(() => void send(webhooks(run.suite.app).checkRun('rerequested', run)));
    },
  });

  const prefix = kind === 'ghes' ? '/api/v3' : '';
  const server = createWire({ api, manifests, faults, prefix, requests, latencyMs: options.latencyMs ?? 0, now });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // safe because a server that listens on a port has such an address
  hosts.web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  hosts.api = hosts.web + prefix;

  return {
    ...scene,
    webUrl: hosts.web,
    apiUrl: hosts.api,
    app,
    keys,
    state,
    faults,
    requests,
    violations,
    deliveries: sender.log,
    webhooks,
    send,
    sendAll: async (all, how) => sender.sendAll(all.map(judged), how),
    redeliver: sender.redeliver,
    checkRuns: (repository) =>
      [...state.checkRuns.values()].filter(({ suite }) => repository === undefined || suite.repository === repository),
    personalToken() {
      const token = `ghp_${state.nextId()}`;
      state.personalTokens.add(token);
      return token;
    },
    shiftClock(byMs) {
      shiftMs += byMs;
    },
    pace: (installationId) => paceOf(requests, installationId),
    tooEarly: () => requests.filter((one) => one.tooEarly),
    expectNoViolations() {
      if (violations.length > 0)
        throw new Error(`GitHub would not have taken this: ${JSON.stringify(violations, null, 2)}`);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function firstApp(options: GithubOptions, scene: Scene, keys: KeyPair, createdAt: number): App {
  const { appId = 4_711, webhookSecret = 'the secret of the webhooks', webhookUrl = null } = options;
  return {
    id: appId,
    clientId: `Iv23li${appId}`,
    slug: 'qgjob',
    name: 'qgjob',
    owner: scene.account('qualgent', 'Organization'),
    publicKeys: [keys.publicKey],
    webhookSecret,
    webhookUrl,
    permissions: options.permissions ?? {
      checks: 'write',
      metadata: 'read',
      pull_requests: 'read',
      actions: 'read',
      merge_queues: 'read',
    },
    events: options.events ?? [
      'check_run',
      'check_suite',
      'pull_request',
      'workflow_run',
      'merge_group',
      'issue_comment',
    ],
    createdAt,
  };
}
