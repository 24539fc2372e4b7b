import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../contract/route.ts';
import { routes } from '../../contract/routes.ts';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { jobResult, sha256, startAgent, submission, testResult } from './work.ts';

let server: TestServer;
let ours: TestOrg;
let theirs: TestOrg;
/** Everything the other organisation has, by the name a path has for it. */
let their: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  [ours, theirs] = await Promise.all([server.org('ours'), server.org('theirs')]);
  const bytes = randomBytes(100);
  await theirs.submit.putBlob({ params: { sha256: sha256(bytes) }, body: bytes });
  const run = await theirs.submit.submitRun({ body: submission('theirs') });
  const agent = await startAgent(theirs.agent);
  const claimed = await agent.claim();
  const key = await theirs.admin.createKey({ params: { org: 'theirs' }, body: { role: 'read', name: 'x' } });
  const policy = await theirs.admin.createTrustPolicy({
    params: { org: 'theirs' },
    body: { name: 'x', role: 'read', repository_id: 1, repository_owner_id: 2 },
  });
  their = {
    org: 'theirs',
    sha256: sha256(bytes),
    runs: run.body.id,
    jobs: run.body.jobs[0]?.id ?? '',
    job_id: run.body.jobs[0]?.id ?? '',
    agents: agent.id,
    device_id: 'pixel',
    leases: claimed.leaseId,
    token: claimed.lease.token,
    key_id: key.body.id,
    policy_id: policy.body.id,
    quarantine_id: 'qtn_0123456789abcdef01234567',
    host: 'github.com',
  };
});
afterAll(() => server.stop());

/** A body that gets past validation, so that the look-up is what answers. */
const bodies: Record<string, unknown> = {
  retryRun: {},
  commandAgent: { command: null },
  addDevices: { devices: [] },
  heartbeat: { devices: [], leases: [] },
  claim: { device_id: 'pixel' },
  reportInstall: { result: 'installed', sha256: null, duration_ms: 1 },
  reportTests: { tests: [testResult()] },
  putResult: jobResult(),
  releaseLease: {},
  createKey: { role: 'read', name: 'mine' },
  putLimits: { max_queued_jobs: 1, max_active_jobs: 1, weight: 1 },
  createTrustPolicy: { name: 'x', role: 'read', repository_id: 1, repository_owner_id: 2 },
};

const withIds = Object.entries(routes as Record<string, Route>).filter(
  ([name, { path }]) => path.includes('{') && name !== 'registerAppVersion',
);

function idsIn({ path }: Route): string[] {
  const kind = /^\/(?:v1\/)?(\w+)\//.exec(path)?.[1] ?? '';
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => (name === 'id' ? kind : (name ?? '')));
}

/** The answer, without what is new with every request, and with the ids asked for made alike. */
async function answerTo(name: string, route: Route, ids: Record<string, string>) {
  const places = idsIn(route);
  let place = 0;
  const path = route.path.replace(/\{\w+\}/g, () => ids[places[place++] ?? ''] ?? '');
  const body = name === 'putResults' ? { results: [{ job_id: ids.job_id, ...jobResult() }] } : bodies[name];
  const key = ours.keys[route.role in ours.keys ? (route.role as keyof typeof ours.keys) : 'submit'];
  const response = await fetch(server.url + path, {
    method: route.method,
    headers: {
      authorization: `Bearer ${key}`,
      'x-request-id': 'same',
      'qgjob-lease-token': their.token ?? '',
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(name === 'appendLog' ? { 'content-range': 'bytes 0-3/*' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(name === 'appendLog' ? { body: 'text' } : {}),
  });
  const headers = Object.fromEntries([...response.headers].filter(([header]) => header !== 'date'));
  const text = Object.values(ids).reduce((rest, id) => rest.replaceAll(id, 'ID'), await response.text());
  return { status: response.status, headers: { ...headers, 'content-length': '' }, text };
}

describe("another organisation's", () => {
  test.each(withIds)('%s is answered exactly like one that never was', async (name, route) => {
    const random = (id: string) =>
      [...id].map((c) => (/[0-9a-f]/.test(c) ? randomBytes(1).toString('hex')[0] : c)).join('');
    const unknown = Object.fromEntries(Object.entries(their).map(([place, id]) => [place, random(id)]));
    unknown.org = 'nobody';
    if (name === 'putBlob') return expectUploadToTellNothing(route, unknown);
    const answer = await answerTo(name, route, their);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer).toEqual(await answerTo(name, route, unknown));
    expect(answer.status).toBe(route.role === 'operator' ? 403 : 404);
  });

  /** Knowing a hash is no right to the bytes: uploading nothing under it is refused as under any other. */
  async function expectUploadToTellNothing(route: Route, unknown: Record<string, string>) {
    const answer = await answerTo('putBlob', route, their);
    expect(answer.status).toBe(422);
    expect(answer).toEqual(await answerTo('putBlob', route, unknown));
  }

  test.each(
    Object.entries({ runs: 'listRuns', jobs: 'listJobs', agents: 'listAgents', devices: 'listDevices' } as const),
  )('%s are in no list of ours, and asking for them by name is 403', async (_, list) => {
    expect((await ours.read[list]()).body.items).toEqual([]);
    await expect(ours.read[list]({ query: { org_id: 'theirs' } })).rejects.toMatchObject({ code: 'org_mismatch' });
    expect((await theirs.read[list]()).body.items).toHaveLength(1);
  });

  test('name in a body is 403 before anything is looked up', async () => {
    const refused = { code: 'org_mismatch' };
    await expect(ours.submit.submitRun({ body: submission('theirs') })).rejects.toMatchObject(refused);
    await expect(ours.submit.submitRun({ body: submission('nobody') })).rejects.toMatchObject(refused);
    await expect(ours.submit.planRun({ body: submission('theirs') })).rejects.toMatchObject(refused);
  });

  test('jobs are not claimed by our agents', async () => {
    await theirs.submit.submitRun({ body: submission('theirs', { dedupe: false }) });
    const agent = await startAgent(ours.agent);
    await expect(agent.claim()).rejects.toThrow('nothing to claim');
  });
});
