import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Client } from '../../contract/client.ts';
import type { GithubContext } from '../../contract/words.ts';
import { type Claims, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { startAgent, submission } from './work.ts';

let issuer: OidcIssuer;
let server: TestServer;
let org: TestOrg;
/** What the workflows of acme/shop, repository 1001, may do. */
let session: Client;

const trusted = { name: 'acme/shop', role: 'submit', repository_id: 1001, repository_owner_id: 2002 } as const;
const another = { repository: 'acme/other', repository_id: '1002' };

beforeAll(async () => {
  issuer = await startOidcIssuer();
  server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: null } });
  org = await server.org();
  await org.admin.createTrustPolicy({ params: { org: org.id }, body: trusted });
  await org.admin.createTrustPolicy({ params: { org: org.id }, body: { ...trusted, repository_id: 1002 } });
  session = await sessionOf({});
});
afterAll(async () => {
  await server.stop();
  await issuer.stop();
});

async function exchange(claims: Claims, orgId = org.id) {
  const token = await issuer.token(server.url, claims);
  return (await server.client().exchangeOidc({ body: { token, org_id: orgId } })).body;
}
const sessionOf = async (claims: Claims) => server.client((await exchange(claims)).token);
const of = (id: string) => ({ params: { id } });

describe('the exchange', () => {
  test('tells anyone what to ask GitHub for: an audience that is this server alone', async () => {
    const { body } = await server.client().describeOidc();
    expect(body).toEqual({ audience: server.url, issuers: [issuer.issuer] });
  });

  test.each([
    ['its public URL', { publicUrl: 'https://ci.example.com/qgjob' }, null, 'https://ci.example.com/qgjob'],
    ['what it is told', { publicUrl: 'https://ci.example.com/qgjob' }, 'qgjob-of-acme', 'qgjob-of-acme'],
  ])('takes tokens for %s', async (_, settings, audience, expected) => {
    const other = await startTestServer({ ...settings, oidc: { issuers: [issuer.issuer], audience } });
    onTestFinished(() => other.stop());
    expect((await other.client().describeOidc()).body.audience).toBe(expected);
    const { id } = await other.org();
    const token = await issuer.token(server.url);
    const refused = other.client().exchangeOidc({ body: { token, org_id: id } });
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('gives a session token that is a key of the organisation for an hour', async () => {
    const { token, expires_at } = await exchange({});
    expect(token).toMatch(/^qgs_[0-9A-Za-z]{49}$/);
    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(3_590_000);
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(3_600_000);
    const name = 'acme/shop workflow run 4004.1';
    const { body } = await server.client(token).whoAmI();
    expect(body).toEqual({ org_id: org.id, role: 'submit', name, expires_at });
  });

  test('refuses a used token with a challenge, an untrusted workflow without', async () => {
    const token = await issuer.token(server.url);
    const post = (body: object) =>
      fetch(`${server.url}/v1/oidc/exchange`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ token, org_id: org.id })).status).toBe(200);
    const again = await post({ token, org_id: org.id });
    expect([again.status, again.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const stranger = await post({ token: await issuer.token(server.url, { repository_id: '7' }), org_id: org.id });
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([403, null]);
  });

  test.each([
    ['renamed since', { repository: 'acme/store' }, true],
    ['transferred since', { repository: 'evil/shop', repository_owner_id: '6' }, false],
    ['made anew under the old name', { repository_id: '6' }, false],
  ])('knows a repository by its ids: one %s', async (_, claims, isTrusted) => {
    const exchanged = exchange(claims);
    if (isTrusted) await exchanged;
    else await expect(exchanged).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('refuses a workflow that pull_request_target started', async () => {
    const refused = exchange({ event_name: 'pull_request_target' });
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is put off, not refused, while the issuer does not answer', async () => {
    const down = await startOidcIssuer();
    const other = await startTestServer({ oidc: { issuers: [down.issuer], audience: null } });
    onTestFinished(() => other.stop());
    const token = await down.token(other.url);
    await down.stop();
    const response = await other.fetch('/v1/oidc/exchange', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, org_id: 'acme' }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toMatchObject({ code: 'issuer_unavailable' });
  });
});

describe('a trust policy', () => {
  test('is bound to the first issuer unless told, and to none that the server does not take', async () => {
    const ghes = await startOidcIssuer({ path: '/_services/token' });
    onTestFinished(() => ghes.stop());
    const two = await startTestServer({ oidc: { issuers: [issuer.issuer, ghes.issuer], audience: null } });
    onTestFinished(() => two.stop());
    const { id, admin } = await two.org();
    const add = (body = {}) => admin.createTrustPolicy({ params: { org: id }, body: { ...trusted, ...body } });
    const ask = async (of: OidcIssuer) =>
      two.client().exchangeOidc({ body: { token: await of.token(two.url), org_id: id } });
    expect((await add()).body.issuer).toBe(issuer.issuer);
    await ask(issuer);
    await expect(ask(ghes)).rejects.toThrow(`--issuer=${ghes.issuer}`);
    await add({ issuer: ghes.issuer });
    await ask(ghes);
    const refused = add({ issuer: 'https://other.example.com' });
    await expect(refused).rejects.toMatchObject({ code: 'validation_failed' });
  });
});

describe('a session', () => {
  const submit = (client: Client, github?: Partial<GithubContext>) =>
    client.submitRun({
      body: submission(org.id, {
        dedupe: false,
        ...(github ? { github: { repository: 'acme/shop', ...github } } : {}),
      }),
    });

  test('submits for its own workflow run, which is filled in where it is not told', async () => {
    const own = { repository: 'acme/shop', repository_id: 1001, run_id: 4004, run_attempt: 1 };
    expect((await submit(session)).body.github).toEqual(own);
    expect((await submit(session, { check_name: 'e2e' })).body.github).toEqual({ ...own, check_name: 'e2e' });
    expect((await submit(session, { ...own, repository: 'Acme/Shop' })).body.github).toEqual(own);
    const job = await session.submitJob({
      body: { org_id: org.id, app_version_id: '1', target: 'emulator', test_path: 'tests/one.spec.ts' },
    });
    expect((await session.getRun(of(job.body.run_id))).body.github).toEqual(own);
  });

  test.each([
    ['repository', { repository: 'acme/other' }, /for repository acme\/shop, the request names acme\/other/],
    ['repository id', { repository_id: 1002 }, /for repository_id 1001, the request names 1002/],
    ['workflow run', { run_id: 5 }, /for run_id 4004, the request names 5/],
    ['attempt', { run_attempt: 2 }, /for run_attempt 1, the request names 2/],
  ])('cannot submit for another %s', async (_, github, message) => {
    const refused = submit(session, github);
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    await expect(refused).rejects.toThrow(message);
  });

  test('belongs to one organisation', async () => {
    await server.org('neighbour');
    const refused = session.submitRun({ body: submission('neighbour') });
    await expect(refused).rejects.toMatchObject({ code: 'org_mismatch' });
  });

  test('administers nothing', async () => {
    const forbidden = { code: 'forbidden' };
    await expect(session.listKeys({ params: { org: org.id } })).rejects.toMatchObject(forbidden);
    const trust = session.createTrustPolicy({ params: { org: org.id }, body: trusted });
    await expect(trust).rejects.toMatchObject(forbidden);
  });

  test('sees and changes runs of its repository, and no others, whoever made them', async () => {
    const other = await sessionOf({ ...another, run_id: '9' });
    const [ours, theirs, nobodys] = [await submit(session), await submit(other), await submit(org.submit)];
    const byKey = await submit(org.submit, { repository_id: 1001 });
    const seen = (await session.listRuns({ query: { limit: 200 } })).body.items.map(({ id }) => id);
    expect(seen).toEqual(expect.arrayContaining([ours.body.id, byKey.body.id]));
    expect(seen).not.toContain(theirs.body.id);
    expect(seen).not.toContain(nobodys.body.id);
    const jobs = (await session.listJobs({ query: { limit: 200 } })).body.items.map((job) => job.run_id);
    expect(new Set(jobs)).toEqual(new Set(seen));
    for (const { body } of [theirs, nobodys]) await expectUnknown(body.id, body.jobs[0]?.id ?? '');
    const later = await sessionOf({ run_id: '4005' });
    expect((await later.cancelRun(of(ours.body.id))).body.status).toBe('completed');
    expect((await later.retryRun({ ...of(ours.body.id), body: {} })).body.github).toEqual(ours.body.github);
  });

  async function expectUnknown(runId: string, jobId: string) {
    const headers = {};
    const tried = (run: string, job: string): Promise<unknown>[] => [
      session.getRun(of(run)),
      session.getRun({ ...of(run), query: { wait_seconds: 5, after_version: 0 } }),
      session.runReport(of(run)),
      session.runJunit(of(run)),
      session.runEvents({ ...of(run), headers }),
      session.cancelRun(of(run)),
      session.retryRun({ ...of(run), body: {} }),
      session.renewRunLease(of(run)),
      session.runPage(of(run)),
      session.getJob(of(job)),
      session.getJob({ ...of(job), query: { wait_seconds: 5, after_version: 0 } }),
      session.jobLog({ ...of(job), headers }),
      session.cancelJob(of(job)),
      session.retryJob(of(job)),
      session.renewJobLease(of(job)),
      session.explainJob(of(job)),
    ];
    const answers = async (run: string, job: string) =>
      (await Promise.allSettled(tried(run, job))).map((result) =>
        result.status === 'rejected'
          ? `${result.reason.code} ${result.reason.message.replaceAll(run, 'ID').replaceAll(job, 'ID')}`
          : 'answered',
      );
    const found = await answers(runId, jobId);
    for (const answer of found) expect(answer).toMatch(/^not_found /);
    expect(found).toEqual(await answers('run_none', 'job_none'));
  }

  test('is not told of a run of another repository by an idempotency key they share', async () => {
    const options = { idempotencyKey: 'shared' };
    const body = submission(org.id);
    const ours = await session.submitRun({ body }, options);
    const theirs = await (await sessionOf(another)).submitRun({ body }, options);
    expect(theirs.body.id).not.toBe(ours.body.id);
    expect(theirs.body.github?.repository_id).toBe(1002);
    expect((await session.submitRun({ body }, options)).body.id).toBe(ours.body.id);
  });

  test('that may only read submits nothing', async () => {
    const reader = await server.org();
    await reader.admin.createTrustPolicy({ params: { org: reader.id }, body: { ...trusted, role: 'read' } });
    const client = server.client((await exchange({}, reader.id)).token);
    await expect(client.submitRun({ body: submission(reader.id) })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await client.listRuns()).body.items).toEqual([]);
  });
});

describe('sessions', () => {
  test('are listed apart from keys, and revoked like one', async () => {
    const fresh = await server.org();
    await fresh.admin.createTrustPolicy({ params: { org: fresh.id }, body: trusted });
    const { token } = await exchange({}, fresh.id);
    const keys = await fresh.admin.listKeys({ params: { org: fresh.id } });
    expect(keys.body.items.map(({ workflow }) => workflow)).toEqual([null, null, null, null]);
    const { body } = await fresh.admin.listKeys({ params: { org: fresh.id }, query: { sessions: 'only' } });
    const workflow = { repository: 'acme/shop', repository_id: 1001, run_id: 4004, run_attempt: 1 };
    expect(body.items).toMatchObject([{ role: 'submit', name: 'acme/shop workflow run 4004.1', workflow }]);
    await fresh.admin.revokeKey({ params: { org: fresh.id, key_id: body.items[0]?.id ?? '' } });
    await expect(server.client(token).whoAmI()).rejects.toMatchObject({ status: 401 });
  });

  test('end within 5 s when their trust policy is deleted, open requests included', async () => {
    const fresh = await server.org();
    const policy = await fresh.admin.createTrustPolicy({ params: { org: fresh.id }, body: trusted });
    const client = server.client((await exchange({}, fresh.id)).token);
    const { body: run } = await client.submitRun({ body: submission(fresh.id) });
    const poll = client.getRun({ ...of(run.id), query: { wait_seconds: 30, after_version: run.version } });
    const refused = expect(poll).rejects.toMatchObject({ status: 401 });
    const since = performance.now();
    await fresh.admin.deleteTrustPolicy({ params: { org: fresh.id, policy_id: policy.body.id } });
    await refused;
    await expect.poll(() => client.whoAmI().catch((error) => error.status), { timeout: 5_000 }).toBe(401);
    expect(performance.now() - since).toBeLessThan(5_000);
    expect((await fresh.read.getRun(of(run.id))).body.status).toBe('queued');
  });

  test('submit what agents of the organisation run', async () => {
    const fresh = await server.org();
    await fresh.admin.createTrustPolicy({ params: { org: fresh.id }, body: trusted });
    const client = server.client((await exchange({}, fresh.id)).token);
    const { body: run } = await client.submitRun({ body: submission(fresh.id) });
    const claimed = await (await startAgent(fresh.agent)).claim();
    for (const id of claimed.jobIds) await claimed.result(id);
    expect((await client.getRun(of(run.id))).body.conclusion).toBe('passed');
    expect((await client.runReport(of(run.id))).body.jobs).toHaveLength(1);
  });
});
