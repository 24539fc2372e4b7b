import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunReport } from '../../contract/run.ts';
import { aMachine, startAgent, startServer } from './support/installation.ts';

test('on a fresh server the commands of the brief work without any setup', async () => {
  const machine = aMachine();
  const server = await startServer(machine);
  const key = /The operator's key, shown this once: (qgj_\S+)/.exec(
    (await server.said('stdout', /shown this once: \S+/)).input,
  )?.[1];
  const stored = join(machine.folder, 'home/.config/qgjob/credentials.json');
  expect(JSON.parse(readFileSync(stored, 'utf8'))).toEqual({ servers: { [server.url]: { api_key: key } } });
  expect(statSync(stored).mode & 0o777).toBe(0o600);

  const submitted = await machine.qgjob(
    'submit',
    '--org-id=qualgent',
    '--app-version-id=xyz123',
    '--test=tests/adds.spec.ts',
  );
  expect(submitted).toMatchObject({ code: 0, stderr: '' });
  const [, flag = ''] = /qgjob status (--job-id=\S+)/.exec(submitted.stdout) ?? [];
  expect(await machine.qgjob('status', flag)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^status: +queued\ntest: +tests\/adds\.spec\.ts$/m),
  });
  const why = await machine.qgjob('explain', flag);
  expect(why).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('No device of target emulator is registered.'),
  });
});

test('a server ends on SIGTERM with exit 0', async () => {
  const server = await startServer(aMachine());
  server.process.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
});

test('a second server on the same port is exit 2 and says what to do', async () => {
  const machine = aMachine();
  const { url } = await startServer(machine);
  const second = await machine.qgjob('serve', `--port=${new URL(url).port}`, '--database=other.db');
  expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: Port \d+ .* is taken/) });
});

test('a bad setting stops the server with its name and what is allowed', async () => {
  const { code, stdout, stderr } = await aMachine().qgjob('serve', '--port=eighty');
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: --port is "eighty". Allowed: a whole number from 0 to 65535.\n',
  });
});

test('from submission to exit code: a bundle is run by an agent, and its failure is told at file and line', async () => {
  const machine = aMachine();
  await startServer(machine);
  const agent = await startAgent(machine);
  const { code, stdout } = await machine.qgjob(
    ...['submit', '--org-id=o', '--app-version-id=v', '--test=tests/adds.spec.ts', '--test=tests/fails.spec.ts'],
    ...['--wait', '--junit=out/junit.xml', '--report=out/report.json'],
  );
  expect(stdout).toMatch(/Bundle: 4 files, /);
  expect(stdout).toMatch(/^✓ tests\/adds\.spec\.ts {2}passed, 1 test, /m);
  expect(stdout).toMatch(/^✗ tests\/fails\.spec\.ts:3 {2}fails$/m);
  expect(stdout).toMatch(/^✗ failed: 2 jobs, 2 tests: 1 failed, /m);
  expect(code).toBe(1);
  const report = RunReport.parse(JSON.parse(readFileSync(join(machine.project, 'out/report.json'), 'utf8')));
  expect(report.jobs.map((job) => job.conclusion)).toEqual(['passed', 'failed']);
  expect(readFileSync(join(machine.project, 'out/junit.xml'), 'utf8')).toMatch(/<testsuites [^>]*failures="1"/);

  const [failed = ''] = (await machine.qgjob('list', '--jobs', '--conclusion=failed', '--output=id')).stdout.split(
    '\n',
  );
  const log = await machine.qgjob('logs', '-f', failed);
  expect(log).toMatchObject({ code: 0, stdout: expect.stringContaining('Expected: 3') });
  const again = await machine.qgjob('retry', report.run.id, '--failed');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('1 to run, 1 carried over') });

  expect((await machine.qgjob('agents', 'list')).stdout).toMatch(/ lab +online +- +1 /);
  expect(await machine.qgjob('agents', 'pause', 'lab')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^lab .* takes no new work/),
  });
  expect(await machine.qgjob('agents', 'resume', 'lab')).toMatchObject({ code: 0 });
  agent.process.kill('SIGTERM');
  expect(await agent.ended).toMatchObject({ code: 0, signal: null });
}, 120_000);

test('Ctrl-C on a running submission cancels it for good', async () => {
  const machine = aMachine();
  await startServer(machine);
  await startAgent(machine);
  const waiting = machine.start('submit', '--org-id=o', '--app-version-id=v', '--test=tests/hangs.spec.ts', '--wait');
  await waiting.said('stdout', /running on web-1/);
  waiting.process.kill('SIGINT');
  expect(await waiting.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Cancelled run_') });
  const [run = ''] = (await machine.qgjob('list', '--output=id')).stdout.split('\n');
  expect(await machine.qgjob('wait', run)).toMatchObject({ code: 19 });
}, 120_000);

test('run needs no server, and leaves nothing behind but the results', async () => {
  const machine = aMachine();
  const { code, stdout, stderr } = await machine.qgjob(
    'run',
    '--test=tests/adds.spec.ts',
    '--test=tests/fails.spec.ts',
  );
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/^✗ tests\/fails\.spec\.ts:3 {2}fails$/m);
  expect(existsSync(join(machine.project, '.qgjob'))).toBe(false);
  expect(existsSync(join(machine.folder, 'home/.config'))).toBe(false);
}, 120_000);

test('run --database keeps the results for a server', async () => {
  const machine = aMachine();
  const database = join(machine.folder, 'kept/qgjob.db');
  const ran = await machine.qgjob('run', '--test=tests/adds.spec.ts', '--output=json', `--database=${database}`);
  expect(ran.code).toBe(0);
  const { id } = JSON.parse(ran.stdout) as { id: string };
  machine.env.QGJOB_BOOTSTRAP_KEY = machine.env.QGJOB_API_KEY = 'a-key-of-at-least-24-characters';
  const server = machine.start('serve', '--port=0', `--database=${database}`);
  const [, url = ''] = await server.said('stdout', /serves at (http:\S+)/);
  expect(await machine.qgjob('status', id, '--exit-status', '--server', url)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^status: +completed: passed$/m),
  });
}, 120_000);

test('submit --fallback local runs here when the server cannot be reached', async () => {
  const machine = aMachine();
  const server = await startServer(machine);
  server.process.kill('SIGTERM');
  await server.ended;
  const { code, stdout, stderr } = await machine.qgjob(
    ...['submit', '--org-id=o', '--app-version-id=v', '--test=tests/adds.spec.ts', '--wait', '--fallback=local'],
  );
  expect(stderr).toMatch(/cannot be reached: ECONNREFUSED; running here instead\./);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^✓ passed: 1 job, 1 test, /m) });
}, 120_000);

test('only web apps can be run here', async () => {
  const machine = aMachine();
  const args = ['run', '--test=tests/adds.spec.ts', '--device=platform=android'];
  expect(await machine.qgjob(...args)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Only web apps run here, and this is for android.'),
  });
});

test('organisations and keys are made and revoked, and a revoked key is exit 4', async () => {
  const machine = aMachine();
  await startServer(machine);
  expect(await machine.qgjob('orgs', 'create', 'acme', '--name=Acme')).toMatchObject({ code: 0 });
  expect(await machine.qgjob('orgs', 'create', 'acme')).toMatchObject({ code: 2 });
  const made = await machine.qgjob('keys', 'create', '--org-id=acme', '--role=read', '--name=ci');
  expect(made.stdout).toMatch(/^qgj_\w+\n$/);
  const key = made.stdout.trim();
  expect(await machine.qgjob('list', '--api-key', key)).toMatchObject({ code: 0, stdout: 'No runs.\n' });
  const refused = await machine.qgjob('submit', '--app-version-id=v', '--test=tests', '--no-bundle', '--api-key', key);
  expect(refused).toMatchObject({ code: 4, stdout: '' });
  const listed = await machine.qgjob('keys', 'list', '--org-id=acme', '--output=id');
  expect(await machine.qgjob('keys', 'revoke', listed.stdout.trim(), '--org-id=acme')).toMatchObject({ code: 0 });
  await expect.poll(async () => (await machine.qgjob('list', '--api-key', key)).code, { timeout: 20_000 }).toBe(4);
}, 60_000);

test('an app is uploaded once, listed, and never another under its id', async () => {
  const machine = aMachine();
  await startServer(machine);
  await machine.qgjob('orgs', 'create', 'acme');
  const upload = (file: string) =>
    machine.qgjob('apps', 'upload', file, '--org-id=acme', '--app-version-id=1.0', '--platform=web');
  expect(await upload('playwright.config.ts')).toMatchObject({ code: 0, stdout: expect.stringContaining('uploaded') });
  expect(await upload('playwright.config.ts')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('known already'),
  });
  expect(await upload('tests/adds.spec.ts')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/registered: .*\n {2}yours: /),
  });
  expect((await machine.qgjob('apps', 'list', '--org-id=acme')).stdout).toMatch(
    /^1\.0 +acme +web +playwright\.config\.ts/m,
  );
});
