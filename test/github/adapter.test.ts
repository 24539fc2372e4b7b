import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGithubApp } from '../../server/github/app.ts';
import { createGithub } from '../../server/github/apps.ts';
import { GithubError } from '../../server/github/github.ts';
import { makeKeyPair } from '../support/github/key-pair.ts';
import { mints, openSetting } from './app.ts';

const createRoute = 'POST /repos/{owner}/{repo}/check-runs';

const failed = (work: Promise<unknown>) =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as GithubError,
  );

describe('the adapter to GitHub', () => {
  test('writes a check run, reads it, finds it by its commit and changes it', async () => {
    const { github, repository, write } = await openSetting();
    const made = await repository().createCheckRun(write());
    const annotation = { path: 'a.ts', startLine: 1, endLine: 1, level: 'failure', title: 't', message: 'm' } as const;
    const end = { status: 'completed', conclusion: 'failure', completedAt: Date.UTC(2026, 0, 2) } as const;
    const action = { identifier: 'rerun_failed', label: 'Re-run failed', description: 'Runs them again' } as const;
    const changed = await repository().updateCheckRun(
      made.id,
      write({ ...end, annotations: [annotation], actions: [action] }),
    );
    expect(changed).toMatchObject({ id: made.id, status: 'completed', conclusion: 'failure', annotationsCount: 1 });
    expect(await repository().getCheckRun(made.id)).toEqual(changed);
    expect(await repository().findCheckRuns(write().headSha, 'qgjob')).toEqual([changed]);
    expect(await repository().findCheckRuns(write().headSha, 'other')).toEqual([]);
    expect(await repository().getCheckRun(1)).toBeNull();
    expect(github.checkRuns()).toMatchObject([{ externalId: 'run_1:1', actions: [action] }]);
    github.expectNoViolations();
  });

  test('reads installations, pull requests, what people may do, workflow runs and the App itself', async () => {
    const { github, app, shop, installation, repository } = await openSetting({ webhookUrl: 'http://qgjob.test/hook' });
    const fork = github.repository('mallory/shop', { forkOf: shop });
    const pull = github.openPullRequest(shop, { from: fork });
    const ada = github.account('ada');
    github.collaborate(shop, ada, 'write');
    const workflow = github.startWorkflow(shop);
    expect(await app.installationOf('acme/shop')).toEqual({ id: installation.id, suspended: false });
    expect(await app.installationOf('mallory/shop')).toBeNull();
    expect(await repository().getPullRequest(pull.number)).toMatchObject({
      headSha: pull.headSha,
      headRepository: 'mallory/shop',
      baseRepository: 'acme/shop',
    });
    expect(await repository().pullRequestsOf(pull.headSha)).toMatchObject([{ number: pull.number }]);
    expect([await repository().permissionOf('ada'), await repository().permissionOf('eve')]).toEqual(['write', 'none']);
    expect(await repository().getWorkflowRun(workflow.id)).toMatchObject({ runAttempt: 1, conclusion: null });
    expect(await app.describe()).toMatchObject({ slug: 'qgjob', webhookUrl: 'http://qgjob.test/hook' });
    github.suspend(installation);
    expect(await app.installationOf('acme/shop')).toEqual({ id: installation.id, suspended: true });
    github.expectNoViolations();
  });

  test('lists deliveries page by page and has one sent again', async () => {
    const { github, app } = await openSetting();
    const failing = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => failing.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void failing.close());
    github.app.webhookUrl = `http://127.0.0.1:${(failing.address() as AddressInfo).port}/`;
    const pull = github.openPullRequest(github.repository('acme/other'));
    for (let i = 0; i < 120; i++) await github.send(github.webhooks().pullRequest('opened', pull));
    const first = await app.listDeliveries(null);
    const second = await app.listDeliveries(first.next);
    expect([first.deliveries.length, second.deliveries.length, second.next]).toEqual([100, 20, null]);
    expect(first.deliveries.every(({ isSuccess }) => !isSuccess)).toBe(true);
    await app.redeliver(first.deliveries[0]?.id ?? 0);
    await expect.poll(() => github.deliveries.length).toBe(121);
    github.expectNoViolations();
  });
});

describe('a token', () => {
  test('is asked for once by callers at once, for one repository, with what the request needs and no more', async () => {
    const { github, shop, repository, write } = await openSetting();
    await Promise.all(
      Array.from({ length: 5 }, (_, i) => repository().createCheckRun(write({ externalId: `run_${i}:1` }))),
    );
    expect(mints(github)).toBe(1);
    const [token] = github.state.tokens.values();
    expect(token).toMatchObject({ repositoryIds: [shop.id], permissions: { checks: 'write' } });
    expect(token?.token).toHaveLength(520);
    github.expectNoViolations();
  });

  test('is renewed before it expires', async () => {
    let passed = 0;
    const { github, repository, write } = await openSetting({}, { now: () => Date.now() + passed });
    const pass = (ms: number) => {
      github.shiftClock(ms);
      passed += ms;
    };
    await repository().createCheckRun(write());
    pass(54 * 60_000);
    await repository().createCheckRun(write());
    expect(mints(github)).toBe(1);
    pass(2 * 60_000);
    await repository().createCheckRun(write());
    expect(mints(github)).toBe(2);
    github.expectNoViolations();
  });

  test('that GitHub does not know yet is tried again for five seconds', async () => {
    const { github, repository, write } = await openSetting({ tokens: { replicationMs: 3_000 } });
    const startedAt = performance.now();
    await repository().createCheckRun(write());
    expect(performance.now() - startedAt).toBeGreaterThan(2_900);
    expect([mints(github), github.checkRuns().length]).toEqual([1, 1]);
  });

  test('that GitHub refuses for longer is given up, and the next request has a new one', async () => {
    let passed = 0;
    const sleep = async (ms: number) => {
      github.shiftClock(ms);
      passed += ms;
    };
    const { github, repository, write } = await openSetting(
      { tokens: { replicationMs: 20_000 } },
      { now: () => Date.now() + passed, sleep },
    );
    const error = await failed(repository().createCheckRun(write()));
    expect([error.status, mints(github)]).toEqual([401, 1]);
    expect(passed).toBeGreaterThanOrEqual(5_000);
    await failed(repository().createCheckRun(write()));
    expect(mints(github)).toBe(2);
  });

  test('never reaches another host, though both have an App and an installation of the same number', async () => {
    const one = await openSetting({ installationId: 7 });
    const other = await openSetting({ installationId: 7, kind: 'ghes' }, { host: 'ghes.test' });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const { repository, write } = i % 2 === 0 ? one : other;
        return repository().createCheckRun(write({ externalId: `run_${i}:1` }));
      }),
    );
    expect([one, other].map(({ github }) => [github.checkRuns().length, mints(github)])).toEqual([
      [10, 1],
      [10, 1],
    ]);
    one.github.expectNoViolations();
    other.github.expectNoViolations();
  });

  test('is forgotten with its installation', async () => {
    const { github, app, installation, repository, write } = await openSetting();
    await repository().createCheckRun(write());
    app.forget(installation.id + 1);
    await repository().createCheckRun(write());
    expect(mints(github)).toBe(1);
    app.forget(installation.id);
    await repository().createCheckRun(write());
    expect(mints(github)).toBe(2);
  });

  test('for a repository the installation does not cover is refused as not installed', async () => {
    const { github, app, installation, write } = await openSetting();
    const other = github.repository('acme/other');
    const error = await failed(app.repository(installation.id, 'acme/other', other.id).createCheckRun(write()));
    expect([error.status, error.message]).toEqual([404, expect.stringContaining('not installed')]);
  });

  test('of a suspended installation is refused with 403 and no wish to wait', async () => {
    const { github, installation, repository, write } = await openSetting();
    github.suspend(installation);
    expect(await failed(repository().createCheckRun(write()))).toMatchObject({ status: 403, retryAfterMs: null });
  });
});

describe('an App', () => {
  test('signs with a key in PKCS#8 as well', async () => {
    const { app } = await openSetting({}, { privateKey: ({ keys }) => keys.privateKeyPkcs8 });
    expect(await app.installationOf('acme/shop')).not.toBeNull();
  });

  test.each([90_000, -700_000])('is let in though GitHub’s clock is %i ms ahead, and says so', async (skewMs) => {
    const { github, app } = await openSetting();
    github.shiftClock(skewMs);
    expect(await app.installationOf('acme/shop')).not.toBeNull();
    expect(Math.abs((await app.describe()).clockSkewMs - skewMs)).toBeLessThanOrEqual(1_000);
  });

  test('whose key is none is left out, without a word of the key', async () => {
    const said: string[] = [];
    const github = createGithub(
      async () => [{ host: 'a', apiUrl: 'http://a', appId: 1, privateKey: '-----BEGIN SECRET' }],
      { now: Date.now, sleep: async () => {} },
      (_, error) => void said.push(inspect(error, { depth: 9 })),
    );
    await github.refresh();
    await github.refresh();
    expect([github.apps(), said.length]).toEqual([[], 1]);
    expect(said.join()).not.toContain('SECRET');
  });

  test('with a rotated key is another after a refresh, and one that stays keeps its tokens', async () => {
    const { github, shop, installation, write } = await openSetting();
    const next = await makeKeyPair();
    const credentials = { host: 'h', apiUrl: github.apiUrl, appId: github.app.id, privateKey: github.keys.privateKey };
    let all = [credentials];
    const apps = createGithub(
      async () => all,
      { now: Date.now, sleep: async () => {} },
      (_, error) => expect.unreachable(String(error)),
    );
    const post = () => apps.app('h')?.repository(installation.id, 'acme/shop', shop.id).createCheckRun(write());
    await apps.refresh();
    await post();
    await apps.refresh();
    await post();
    expect(mints(github)).toBe(1);
    github.app.publicKeys = [next.publicKey];
    all = [{ ...credentials, privateKey: next.privateKey }];
    await apps.refresh();
    await post();
    expect(mints(github)).toBe(2);
    all = [];
    await apps.refresh();
    expect(apps.app('h')).toBeUndefined();
  });
});

describe('a request that fails', () => {
  test.each([
    ['403 with retry-after', { kind: 'secondary-limit', retryAfterSeconds: 90 }, [403, 90_000]],
    ['403 without', { kind: 'secondary-limit' }, [403, 60_000]],
    ['429', { kind: 'secondary-limit', status: 429, retryAfterSeconds: 3 }, [429, 3_000]],
    ['502', { kind: 'status', status: 502 }, [502, null]],
    ['a reset', { kind: 'reset' }, [0, null]],
    ['a hang', { kind: 'hang' }, [0, null]],
  ] as const)('by %s tells the status and how long to wait', async (_, fault, expected) => {
    const { github, repository, write } = await openSetting({}, { timeoutMs: 300 });
    github.faults.arm(fault, { route: createRoute });
    const { status, retryAfterMs } = await failed(repository().createCheckRun(write()));
    expect([status, retryAfterMs]).toEqual(expected);
  });

  test('by an exhausted limit waits for its reset', async () => {
    const { github, repository, write } = await openSetting();
    github.faults.arm({ kind: 'primary-limit', resetInMs: 600_000 }, { route: createRoute });
    const { retryAfterMs } = await failed(repository().createCheckRun(write()));
    expect(retryAfterMs).toBeGreaterThanOrEqual(600_000);
    expect(retryAfterMs).toBeLessThan(604_000);
  });

  test('by a limit is the last until it is over, for its installation alone', async () => {
    let passed = 0;
    const { github, app, shop, repository, write } = await openSetting({}, { now: () => Date.now() + passed });
    const other = github.repository('other/shop');
    const installation = github.install(github.app, [other]);
    github.faults.arm({ kind: 'secondary-limit', retryAfterSeconds: 60 }, { route: createRoute });
    await failed(repository().createCheckRun(write()));
    const before = github.requests.length;
    const { status, retryAfterMs } = await failed(repository().getCheckRun(1));
    expect([status, github.requests.length - before]).toEqual([429, 0]);
    expect(retryAfterMs).toBeGreaterThan(50_000);
    const headSha = other.branches.get('main') ?? '';
    await app.repository(installation.id, 'other/shop', other.id).createCheckRun(write({ headSha }));
    passed = 60_000;
    github.shiftClock(60_000);
    await app.repository(github.state.installations.keys().next().value ?? 0, 'acme/shop', shop.id).getCheckRun(1);
    expect(github.tooEarly()).toEqual([]);
  });

  test.each(['hang', 'reset', 'redirect', 'flood', 'garbage', 'refusal'] as const)(
    'by %s ends, goes nowhere else and tells neither token nor key',
    async (how) => {
      const elsewhere: string[] = [];
      const trap = createServer((request, response) => {
        elsewhere.push(request.url ?? '');
        response.end();
      });
      const server = createServer((request, response) => {
        if (request.url?.includes('access_tokens')) {
          const expires_at = new Date(Date.now() + 3_600_000).toISOString();
          response.writeHead(201).end(JSON.stringify({ token: 'ghs_the-token', expires_at }));
        } else if (how === 'reset') response.socket?.destroy();
        else if (how === 'redirect') response.writeHead(307, { location: `${trapUrl}/stolen` }).end();
        else if (how === 'flood') {
          response.on('error', () => {});
          const chunk = 'x'.repeat(1024 * 1024);
          for (let i = 0; i < 64; i++) response.write(chunk);
          response.end();
        } else if (how === 'garbage') response.writeHead(200).end('<html>');
        else if (how === 'refusal') response.writeHead(400).end(JSON.stringify({ message: 'a\n\u001b[2Jb' }));
      });
      const urls = await Promise.all(
        [trap, server].map(async (each) => {
          await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
          onTestFinished(() => {
            each.closeAllConnections();
            each.close();
          });
          return `http://127.0.0.1:${(each.address() as AddressInfo).port}`;
        }),
      );
      const [trapUrl, apiUrl = ''] = urls;
      const { privateKey } = await makeKeyPair();
      const options = { now: Date.now, sleep: async () => {}, timeoutMs: 500 };
      const app = createGithubApp({ host: 'h', apiUrl, appId: 1, privateKey }, options);
      const error = await failed(app.repository(1, 'acme/shop', 2).getCheckRun(3));
      expect(error).toBeInstanceOf(GithubError);
      expect(error.status).toBe({ hang: 0, reset: 0, redirect: 307, flood: 0, garbage: 0, refusal: 400 }[how]);
      expect(elsewhere).toEqual([]);
      const told = inspect(error, { depth: 9 }) + error.message;
      expect(told).not.toMatch(/ghs_|BEGIN|Bearer/);
      expect(told).not.toContain('\u001b[2J');
    },
  );
});
