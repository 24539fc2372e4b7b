import { afterAll, expect, onTestFinished, test } from 'vitest';
import { openGate } from '../agent/support/gate.ts';
import { type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts';
import { runStep, type Step, type StepResult, startStep } from '../support/runner/run-step.ts';
import { startTestServer } from '../support/server.ts';
import { over, runUntil, useBench } from './support/bench.ts';

let issuer: OidcIssuer;
const bench = useBench({
  settings: async () => {
    issuer = await startOidcIssuer();
    return { oidc: { issuers: [issuer.issuer], audience: null } };
  },
});
afterAll(() => issuer.stop());

const ids = { repository_id: 700_000_001, repository_owner_id: 9001 };
let runs = 0;

/** A step without a key, in a job with `id-token: write`, of a workflow run that GitHub vouches for. */
function step(tests: string[], inputs: Record<string, string> = {}, given: Partial<Step> = {}): Step {
  const run_id = String(4_000_000_000 + ++runs);
  issuer.claims = {
    repository: 'qualgent/shop',
    repository_id: String(ids.repository_id),
    repository_owner: 'qualgent',
    repository_owner_id: String(ids.repository_owner_id),
    event_name: 'push',
    ref: 'refs/heads/main',
    run_id,
  };
  const made = bench.step(tests, { 'api-key': '', ...inputs }, { ...given, github: { run_id, ...given.github } });
  return { ...made, env: issuer.env, secrets: [issuer.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN] };
}

const trust = (name = 'shop') =>
  bench.org.admin.createTrustPolicy({ params: { org: bench.org.id }, body: { name, role: 'submit', ...ids } });

test('a repository that nobody trusts is told what to do, at once', async () => {
  const before = issuer.requests.length;
  const result = await over(runStep(step(['quick.spec.ts'])));
  expect(result).toMatchObject({ exitCode: 1, outputs: {}, annotations: [{ kind: 'error' }] });
  expect(result.annotations[0]?.message).toMatch(/\(forbidden, request [\w-]+\)/);
  expect(result.annotations[0]?.message).toContain('qgjob trust add');
  expect(result.annotations[0]?.message).not.toContain('cannot be reached');
  expect(issuer.requests.slice(before).filter((path) => path === '/runner/token')).toHaveLength(1);
});

test('the same holds with fallback: local: a refusal is no reason to run elsewhere', async () => {
  const result = await over(runStep(step(['quick.spec.ts'], { fallback: 'local' })));
  expect(result).toMatchObject({ exitCode: 1, outputs: {} });
  expect(result.lines.join('\n')).not.toContain('running here');
});

test('a trusted repository submits without any key', async () => {
  await trust();
  const result = await over(runStep(step(['quick.spec.ts', 'fails.spec.ts'])));
  expect(result).toMatchObject({ exitCode: 1, outputs: { conclusion: 'failed', passed: '1', failed: '1' } });
});

test('the runner is told to hide every token that goes over the wire, and none is seen', async () => {
  const server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: 'qgjob-lab' } });
  onTestFinished(() => server.stop(100));
  const gate = await openGate(server.url);
  const { admin, id } = await server.org(bench.org.id);
  await admin.createTrustPolicy({ params: { org: id }, body: { name: 'shop', role: 'submit', ...ids } });
  const result = await over(runStep(step(['quick.spec.ts'], { 'server-url': gate.url, wait: 'false' })));
  expect(result).toMatchObject({ exitCode: 0, outputs: { status: 'queued' } });
  const hidden = result.executed.filter(({ command }) => command === 'add-mask').map(({ data }) => data);
  const exchanged = gate.seen.filter(({ path }) => path === '/v1/oidc/exchange').map(({ body }) => String(body));
  const sessions = gate.seen.map(({ headers }) => headers.authorization).filter((value) => value !== undefined);
  expect(exchanged.map((body) => JSON.parse(body).token).filter((token) => !hidden.includes(token))).toEqual([]);
  expect([...new Set(sessions)].filter((value) => !hidden.includes(value.replace('Bearer ', '')))).toEqual([]);
  expect([exchanged.length, new Set(sessions).size]).toEqual([1, 1]);
  expect(tokensIn(result)).toEqual([]);
});

test('a server that asks for the audience of somebody else gets no token', async () => {
  const server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: 'sts.amazonaws.com' } });
  onTestFinished(() => server.stop(100));
  const asked = issuer.requests.length;
  const result = await over(runStep(step(['quick.spec.ts'], { 'server-url': server.url })));
  expect(result).toMatchObject({ exitCode: 1 });
  expect(result.annotations[0]?.message).toMatch(
    /^The server asks for an identity token for "sts.amazonaws.com", which is not its own address\.\n.*QGJOB_PUBLIC_URL/,
  );
  expect(issuer.requests.slice(asked)).toEqual([]);
});

test('a token for another audience is refused by the server, and by no second try', async () => {
  const server = await startTestServer({ oidc: { issuers: [issuer.issuer], audience: 'qgjob-staging' } });
  onTestFinished(() => server.stop(100));
  const gate = await openGate(server.url);
  const asked = step(['quick.spec.ts'], { 'server-url': gate.url });
  // a runner gives what it is asked for: here it gives what was meant for another server
  issuer.claims = { ...issuer.claims, aud: 'qgjob-production' };
  const result = await over(runStep(asked));
  expect(result).toMatchObject({ exitCode: 1, annotations: [{ message: expect.stringContaining('audience') }] });
  expect(gate.seen.map(({ path }) => path)).toEqual(['/v1/oidc', '/v1/oidc/exchange']);
});

test('a job that may not ask for a token is told the lines to add, and the command for the admin', async () => {
  const { env: _, ...without } = step(['quick.spec.ts']);
  const result = await over(runStep(without));
  expect(result).toMatchObject({ exitCode: 1, annotations: [{ kind: 'error' }] });
  const { message = '' } = result.annotations[0] ?? {};
  expect(message).toContain('    permissions:\n      contents: read\n      id-token: write\n');
  expect(message).toContain(
    `qgjob trust add --org-id=${bench.org.id} --repository-id=${ids.repository_id} --owner-id=${ids.repository_owner_id}`,
  );
});

test('a cancelled step cancels its run in main, and once more in post with a token of its own', async () => {
  const running = startStep(step(['quick.spec.ts'], { target: 'device' }));
  const [, id = ''] = await running.said(/^Submitted (run_\w+),/);
  running.cancel();
  const result = await over(running.ended);
  expect(result).toMatchObject({ exitCode: 1, outputs: { 'run-id': id, conclusion: 'cancelled' } });
  expect(result.post).toMatchObject({ exitCode: 0, lines: [`${id} is cancelled.`] });
  expect(await runUntil(bench.server, id, ({ status }) => status === 'completed')).toMatchObject({
    conclusion: 'cancelled',
  });
});

test('GitHub not giving a token is an error of this step, in words', { timeout: 60_000 }, async () => {
  const asked = step(['quick.spec.ts']);
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url } = issuer.env;
  const result = await over(
    runStep({ ...asked, env: { ...asked.env, ACTIONS_ID_TOKEN_REQUEST_URL: url.replace('/runner/token', '/gone') } }),
  );
  expect(result).toMatchObject({
    exitCode: 1,
    annotations: [{ message: expect.stringMatching(/^GitHub gave no identity token: /) }],
  });
});

/** Texts that look like a token, wherever a reader could find them. */
function tokensIn({ lines, outputs, state, summary }: StepResult): string[] {
  return JSON.stringify([lines, outputs, state, summary]).match(/eyJ[\w-]{20,}|qgj\w*_[\w-]{20,}/g) ?? [];
}
