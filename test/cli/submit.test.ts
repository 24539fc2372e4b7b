import { expect, test } from 'vitest';
import { qgjob } from './support/cli.ts';
import { type Answers, startFakeServer } from './support/fake-server.ts';
import { aProject, folderWith } from './support/project.ts';
import { aRun, runOf } from './support/resources.ts';

const env = { QGJOB_API_KEY: 'qgj_secret' };

/** Takes every submission and every blob. */
function accepting(over: Answers = {}): Answers {
  return {
    headBlob: () => ({ problem: 'not_found' }),
    putBlob: () => ({ status: 201, body: undefined }),
    submitRun: ({ body }) => ({ status: 201, body: runOf(body) }),
    ...over,
  };
}

test("the brief's submit command prints ids, and what to do next, that its status command takes", async () => {
  const server = await startFakeServer({
    ...accepting(),
    getJob: () => ({ status: 200, body: aRun().jobs[0] as never }),
  });
  const at = { cwd: aProject(), env: { ...env, QGJOB_SERVER_URL: server.url } };
  const submitted = await qgjob(
    ['submit', '--org-id=qualgent', '--app-version-id=xyz123', '--test=tests/onboarding.spec.js'],
    at,
  );
  expect(submitted.code).toBe(0);
  const { path, headers, body } = server.asked.find((request) => request.route === 'submitRun') ?? {};
  expect({ path, authorization: headers?.authorization }).toEqual({
    path: '/v1/runs',
    authorization: 'Bearer qgj_secret',
  });
  expect(body).toEqual({
    org_id: 'qualgent',
    app_version_id: 'xyz123',
    target: 'emulator',
    tests: ['tests/onboarding.spec.js'],
    bundle: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(submitted.stdout).toMatch(/Submitted run_1, 1 job for xyz123 on emulator/);
  const [, next = ''] = /\n {2}qgjob (status --job-id=job_1)\n/.exec(submitted.stdout) ?? [];
  const status = await qgjob(next.split(' '), at);
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^job: +job_1\nstatus: +queued$/m) });
});

test('every flag reaches the server', async () => {
  const server = await startFakeServer(accepting());
  const args =
    '--org-id o --app-version-id v --test tests/*.spec.* --target device --priority high --project mobile --no-bundle --retries 1 --infra-retries 3 --timeout 90s --queue-timeout 15 --reset reinstall --idempotency-key k1';
  const devices = [
    '--device',
    'platform=android,model="Pixel 7, pro",os=14,label=a,label=b',
    '--device',
    'platform=ios',
  ];
  const { code } = await qgjob(['submit', ...args.split(' '), ...devices, '--server', server.url], { cwd: aProject() });
  expect(code).toBe(0);
  expect(server.asked.map((request) => request.route)).toEqual(['submitRun']);
  expect(server.asked[0]?.headers['idempotency-key']).toBe('k1');
  expect(server.asked[0]?.body).toEqual({
    org_id: 'o',
    app_version_id: 'v',
    target: 'device',
    tests: ['tests/checkout.spec.ts', 'tests/onboarding.spec.js'],
    priority: 8,
    project: 'mobile',
    devices: [
      { platform: 'android', model: 'Pixel 7, pro', os_version: '14', labels: ['a', 'b'] },
      { platform: 'ios' },
    ],
    retries: { test: 1, infra: 3 },
    timeout_seconds: 90,
    queue_timeout_seconds: 900,
    reset: 'reinstall',
  });
});

test('a test that matches nothing in a project is exit 3, and nothing is sent', async () => {
  const server = await startFakeServer(accepting());
  const args = ['submit', '--org-id=o', '--app-version-id=v', '--test=tests/*.nope.ts', '--server', server.url];
  const { code, stderr } = await qgjob(args, { cwd: aProject() });
  expect(code).toBe(3);
  expect(stderr).toMatch(/^error: No test matches 'tests\/\*\.nope\.ts'\.\nPaths and globs are relative to/);
  expect(server.asked).toEqual([]);
});

test('outside a test project the paths are submitted as they are, with a notice and without a bundle', async () => {
  const server = await startFakeServer(accepting());
  const args = [
    'submit',
    '--org-id=o',
    '--app-version-id=v',
    '--test=tests/onboarding.spec.js',
    '--server',
    server.url,
  ];
  const { code, stderr } = await qgjob(args, { cwd: folderWith({}) });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^No Playwright or AppWright configuration in .*: paths are submitted as they are/);
  expect(server.asked.map((request) => request.body)).toEqual([
    { org_id: 'o', app_version_id: 'v', target: 'emulator', tests: ['tests/onboarding.spec.js'] },
  ]);
});

test('an app is uploaded under the id its bytes give it', async () => {
  const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
  const server = await startFakeServer(
    accepting({
      registerAppVersion: ({ params, body }) => ({
        status: 201,
        body: { ...params, ...body, size_bytes: 5, created_at: '2026-01-01T00:00:00.000Z' },
      }),
    }),
  );
  const cwd = folderWith({ 'shop.apk': 'hello' });
  const args = ['submit', '--org-id=o', '--app=shop.apk', '--test=a.spec.ts', '--server', server.url];
  const { code, stdout } = await qgjob(args, { cwd });
  expect(code).toBe(0);
  expect(server.asked.map(({ method, path, bytes }) => `${method} ${path} ${bytes > 0}`)).toEqual([
    `HEAD /v1/blobs/${sha256}?org_id=o false`,
    `PUT /v1/blobs/${sha256}?org_id=o true`,
    'PUT /v1/app-versions/sha256-2cf24dba5fb0 true',
    'POST /v1/runs true',
  ]);
  expect(server.asked[1]).toMatchObject({ bytes: 5, headers: { 'content-length': '5' } });
  expect(server.asked[2]?.body).toEqual({ org_id: 'o', sha256, platform: 'android', file_name: 'shop.apk' });
  expect(stdout).toContain('App version sha256-2cf24dba5fb0: shop.apk, 5 B');
});

test('bytes the server has are not sent again', async () => {
  const server = await startFakeServer(accepting({ headBlob: () => ({ status: 200, body: undefined }) }));
  const args = ['submit', '--org-id=o', '--app-version-id=v', '--test=tests', '--server', server.url];
  const { stdout } = await qgjob(args, { cwd: aProject() });
  expect(server.asked.map((request) => request.route)).toEqual(['headBlob', 'submitRun']);
  expect(stdout).toMatch(/Bundle: 4 files, .*, known already/);
});

test('an unchanged project is the same bundle, and secrets stay at home', async () => {
  const server = await startFakeServer(accepting());
  const cwd = aProject({ '.env': 'TOKEN=1', '.env.example': 'TOKEN=', 'node_modules/x/index.js': '' });
  const args = ['submit', '--org-id=o', '--app-version-id=v', '--test=tests', '--server', server.url];
  const first = await qgjob(args, { cwd });
  await qgjob(args, { cwd });
  const bundles = server.asked.flatMap((request) =>
    request.route === 'submitRun' ? [(request.body as { bundle: { sha256: string } }).bundle.sha256] : [],
  );
  expect(bundles).toHaveLength(2);
  expect(bundles[0]).toBe(bundles[1]);
  expect(first.stdout).toMatch(/Left out of the bundle, as they may hold secrets: \.env\n/);
  expect(first.stdout).toMatch(/Bundle: 5 files/);
});

test("without --org-id the key's own organisation is meant", async () => {
  const server = await startFakeServer(
    accepting({
      whoAmI: () => ({ status: 200, body: { org_id: 'acme', role: 'submit', name: 'ci', expires_at: null } }),
    }),
  );
  const { code } = await qgjob(['submit', '--app-version-id=v', '--test=a.spec.ts', '--server', server.url], {
    cwd: folderWith({}),
  });
  expect(code).toBe(0);
  expect(server.asked.at(-1)?.body).toMatchObject({ org_id: 'acme' });
});

const submit = ['submit', '--org-id=qualgent', '--app-version-id=v', '--test=tests/onboarding.spec.js'];

test.each([
  ['id', 'run_1\n'],
  ['json', `${JSON.stringify(aRun(), null, 2)}\n`],
])('--output %s leaves stdout to that alone', async (output, stdout) => {
  const server = await startFakeServer(accepting({ submitRun: () => ({ status: 201, body: aRun() }) }));
  const result = await qgjob([...submit, '--output', output, '--server', server.url], { cwd: aProject() });
  expect(result).toMatchObject({ code: 0, stdout, stderr: expect.stringMatching(/^Bundle: 4 files/) });
});

test('a refused submission lists every field that is wrong', async () => {
  const errors = [
    { path: 'body.org_id', message: 'an organisation id: letters' },
    { path: 'body.tests[0]', message: 'too long' },
  ];
  const server = await startFakeServer(
    accepting({ submitRun: () => ({ problem: 'validation_failed', detail: 'Two fields are wrong.', errors }) }),
  );
  const { code, stdout, stderr } = await qgjob([...submit, '--no-bundle', '--server', server.url], { cwd: aProject() });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'error: Two fields are wrong.\n  body.org_id: an organisation id: letters\n  body.tests[0]: too long\n',
  );
});

test.each([
  ['unauthenticated', 4, /qgjob login/],
  ['org_mismatch', 4, /qgjob doctor/],
  ['limit_exceeded', 20, /limit/],
  ['internal', 20, /request id req_1/],
] as const)('a refusal as %s is exit %i', async (problem, code, advice) => {
  const server = await startFakeServer(accepting({ submitRun: () => ({ problem }) }));
  const result = await qgjob([...submit, '--no-bundle', '--server', server.url], { cwd: aProject() });
  expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(advice) });
});

test('an unreachable server is exit 5 and told in two lines', async () => {
  const server = await startFakeServer({});
  await server.stop();
  const { code, stdout, stderr } = await qgjob([...submit, '--no-bundle', '--server', server.url], { cwd: aProject() });
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toBe(
    `error: ${server.url} cannot be reached: ECONNREFUSED\nIs a server running there? 'qgjob serve' starts one, --server or QGJOB_SERVER_URL names another.\n`,
  );
});

test('something else that answers in place of a server is exit 5', async () => {
  const server = await startFakeServer({ listRuns: () => ({ raw: { status: 404, body: '<html>' } }) });
  const { code, stderr } = await qgjob(['list', '--server', server.url]);
  expect(code).toBe(5);
  expect(stderr).toMatch(/answered 404, not as a qgjob server does: is the server URL right\?/);
});

test('--debug shows the whole of an error', async () => {
  const server = await startFakeServer({ listRuns: () => ({ problem: 'internal' }) });
  const { stderr } = await qgjob(['list', '--debug', '--server', server.url]);
  expect(stderr).toMatch(/^ {4}at /m);
});

test('another build under the same app version is refused with both hashes', async () => {
  const server = await startFakeServer(
    accepting({
      registerAppVersion: () => ({
        raw: {
          status: 409,
          body: JSON.stringify({
            type: 'about:blank',
            title: 'x',
            status: 409,
            code: 'app_version_conflict',
            detail: 'v is registered with other bytes.',
            request_id: 'r',
            registered_sha256: 'a'.repeat(64),
            submitted_sha256: 'b'.repeat(64),
          }),
        },
      }),
    }),
  );
  const cwd = folderWith({ 'shop.apk': 'hello' });
  const args = ['apps', 'upload', 'shop.apk', '--org-id=o', '--app-version-id=v', '--server', server.url];
  const { code, stderr } = await qgjob(args, { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain(`registered: ${'a'.repeat(64)}\n  yours:      ${'b'.repeat(64)}`);
});
