import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../contract/client.ts';
import { type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { jobResult, startAgent, submission } from './work.ts';

let issuer: OidcIssuer;
let server: TestServer;
beforeAll(async () => {
  issuer = await startOidcIssuer();
  server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: null } });
});
afterAll(async () => {
  await server.stop();
  await issuer.stop();
});

/** Of each organisation, the one with its device. */
const agents = new Map<string, Awaited<ReturnType<typeof startAgent>>>();

/** Runs jobs to their end, each as long as told, after an install of 4 s. */
async function play(org: TestOrg, durationsMs: number[], body = submission(org.id)) {
  const tests = durationsMs.map((_, n) => `tests/${n}.spec.ts`);
  const { body: run } = await org.submit.submitRun({ body: { ...body, tests, dedupe: false } });
  const agent = agents.get(org.id) ?? (await startAgent(org.agent));
  agents.set(org.id, agent);
  const claimed = await agent.claim(durationsMs.length);
  await claimed.install(4000);
  for (const [n, id] of claimed.jobIds.entries()) {
    await claimed.start(id);
    await claimed.result(id, jobResult({ duration_ms: durationsMs[n] ?? 0 }));
  }
  await org.agent.releaseLease({ params: { id: claimed.leaseId }, headers: claimed.headers, body: {} });
  return run;
}

/** Every page, and how many jobs each held. */
async function pages(client: Client, query: { limit?: number; org_id?: string; since?: string } = {}) {
  const found = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const { body } = await client.exportTrace({ query: { ...query, cursor } });
    found.push(body);
    cursor = body.next_cursor;
  }
  return found;
}

describe('the trace', () => {
  test('tells what ran: devices, what each job took, and what the install did', async () => {
    const org = await server.org();
    const run = await play(org, [7000], submission(org.id, { priority: 8, devices: [{ platform: 'android' }] }));
    const { body } = await org.read.exportTrace();
    expect(body).toEqual({
      devices: [{ id: 'bench-1/pixel', target: 'emulator', platform: 'android' }],
      jobs: [
        {
          id: run.jobs[0]?.id,
          created_at: run.created_at,
          org_id: org.id,
          app_version_id: '1.0',
          target: 'emulator',
          priority: 8,
          duration_s: 7,
          estimate_s: 60,
          devices: [{ platform: 'android' }],
        },
      ],
      install_s: { '1.0': 4 },
      next_cursor: null,
    });
  });

  test('comes in pages, newest first, with none twice and none missed, past jobs that have not run', async () => {
    const org = await server.org();
    const ran = [await play(org, [1, 2]), await play(org, [3])];
    await org.submit.submitRun({ body: submission(org.id, { tests: ['a.spec.ts', 'b.spec.ts', 'c.spec.ts'] }) });
    const found = await pages(org.read, { limit: 2 });
    expect(found.map(({ jobs }) => jobs.length)).toEqual([0, 1, 2]);
    const jobs = ran.flatMap((run) => run.jobs.map(({ id }) => id));
    expect(found.flatMap((page) => page.jobs.map(({ id }) => id))).toEqual(jobs.reverse());
    expect(found.map(({ devices }) => devices.length)).toEqual([1, 1, 1]);
  });

  test('begins where since says', async () => {
    const org = await server.org();
    const run = await play(org, [1]);
    const after = new Date(Date.parse(run.created_at) + 1).toISOString();
    const count = async (since: string) =>
      (await pages(org.read, { since, limit: 1 })).flatMap(({ jobs }) => jobs).length;
    expect([await count(run.created_at), await count(after)]).toEqual([1, 0]);
  });

  test("is an organisation's own; the operator's is everybody's, or of the one asked for", async () => {
    const [ours, theirs] = [await server.org(), await server.org()];
    await play(ours, [1]);
    await play(theirs, [1]);
    const orgs = async (client: Client, query = {}) =>
      new Set((await pages(client, query)).flatMap(({ jobs }) => jobs.map((job) => job.org_id)));
    expect(await orgs(ours.read)).toEqual(new Set([ours.id]));
    expect(await orgs(server.operator, { org_id: theirs.id })).toEqual(new Set([theirs.id]));
    const all = await orgs(server.operator);
    expect(all.has(ours.id) && all.has(theirs.id)).toBe(true);
    const refused = ours.read.exportTrace({ query: { org_id: theirs.id } });
    await expect(refused).rejects.toMatchObject({ code: 'org_mismatch' });
  });

  test("is of its own repository for a workflow's session", async () => {
    const org = await server.org();
    const trusted = { name: 'acme/shop', role: 'submit', repository_id: 1001, repository_owner_id: 2002 } as const;
    await org.admin.createTrustPolicy({ params: { org: org.id }, body: trusted });
    const token = await issuer.token(server.url);
    const { body } = await server.client().exchangeOidc({ body: { token, org_id: org.id } });
    const session = server.client(body.token);
    await play(org, [1]);
    const own = await play({ ...org, submit: session }, [1]);
    const found = (await pages(session)).flatMap(({ jobs }) => jobs.map(({ id }) => id));
    expect(found).toEqual(own.jobs.map(({ id }) => id));
  });

  test.each([{ limit: 201 }, { limit: 0 }, { cursor: 'x' }, { since: 'yesterday' }])('refuses %j', async (query) => {
    await expect(server.operator.exportTrace({ query })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
