import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { agentMarker, findMarked } from '../../agent/processes/marks.ts';
import { type Fleet, startFleet } from './support/fleet.ts';
import { playwrightProject, spec, temporaryFolder } from './support/project.ts';

// real browsers and runners on two cores
vi.setConfig({ testTimeout: 90_000 });

const passing = (title: string) => spec(`test('${title}', () => { console.log('${title} ran'); });`);
const hanging = spec(
  `test('hangs', async () => { test.setTimeout(0); console.log('hanging'); await new Promise(() => {}); });`,
);
const site = (name: string) => ({ 'index.html': `<title>${name}</title>`, 'sub/page.html': name });
const titleIs = (name: string) =>
  spec(`test('title', async ({ page }) => { await page.goto('/'); await expect(page).toHaveTitle('${name}'); });`);

const jobLog = async (fleet: Fleet, id: string) => {
  const { body } = await fleet.client.jobLog({ params: { id }, headers: {} });
  return body instanceof Response ? body.text() : String(body);
};
const installs = (fleet: Fleet) =>
  fleet.gate.seen
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/install'))
    .map(({ body }) => JSON.parse(body.toString()).result);
/** Processes of the agent that works in this folder. */
const left = (workDir: string) => findMarked(agentMarker, readFileSync(`${workDir}/mark`, 'utf8'));

describe('an agent', () => {
  test('runs what was submitted: results, live tests, log and attachments reach the server', async () => {
    const fleet = await startFleet();
    const projectDir = playwrightProject({
      'tests/a.spec.ts': spec(`
        test('passes', async () => { console.log('from a'); await test.info().attach('note', { body: 'kept', contentType: 'text/plain' }); });
        test('fails', () => { expect(1).toBe(2); });`),
    });
    await fleet.agent({ projectDir });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    const done = await fleet.completed(job);
    expect(done).toMatchObject({ conclusion: 'failed', counts: { total: 2, passed: 1, failed: 1 } });
    const { body: report } = await fleet.client.runReport({ params: { id: done.run_id } });
    const tests = report.jobs[0]?.attempts[0]?.tests ?? [];
    expect(tests.map(({ title, status, file, line }) => [title, status, file, line])).toEqual([
      ['passes', 'passed', 'tests/a.spec.ts', 3],
      ['fails', 'failed', 'tests/a.spec.ts', 4],
    ]);
    expect(tests[1]?.errors[0]).toMatchObject({ file: 'tests/a.spec.ts', line: 4 });
    const sha256 = tests[0]?.attachments[0]?.sha256 ?? '';
    const blob = await fleet.client.getBlob({ params: { sha256 }, query: { org_id: 'acme' }, headers: {} });
    expect(await blob.body.text()).toBe('kept');
    expect(await jobLog(fleet, done.id)).toContain('from a');
    expect(fleet.gate.seen.some(({ path }) => path.endsWith('/tests'))).toBe(true);
  });

  test('installs once for two jobs of one version, and again for the next version', async () => {
    const fleet = await startFleet();
    await fleet.registerApp('v1', site('one'));
    await fleet.registerApp('v2', site('two'));
    const files = {
      'tests/a.spec.ts': titleIs('one'),
      'tests/b.spec.ts': titleIs('one'),
      'tests/c.spec.ts': titleIs('two'),
    };
    const projectDir = playwrightProject(files);
    const first = await fleet.submit({ version: 'v1', tests: ['tests/a.spec.ts', 'tests/b.spec.ts'] });
    await fleet.agent({ projectDir });
    for (const job of first) expect((await fleet.completed(job)).conclusion).toBe('passed');
    expect(installs(fleet)).toEqual(['installed']);
    const { body: run } = await fleet.client.getRun({ params: { id: first[0].run_id } });
    expect(run.installs).toMatchObject({ made: 1, avoided: 1 });
    const [next] = await fleet.submit({ version: 'v2', tests: ['tests/c.spec.ts'] });
    expect((await fleet.completed(next)).conclusion).toBe('passed');
    const [again] = await fleet.submit({ version: 'v2', tests: ['tests/c.spec.ts'] });
    expect((await fleet.completed(again)).conclusion).toBe('passed');
    expect(installs(fleet)).toEqual(['installed', 'installed', 'already_installed']);
    const [reinstalled] = await fleet.submit({ version: 'v2', tests: ['tests/c.spec.ts'], reset: 'reinstall' });
    await fleet.completed(reinstalled);
    expect(installs(fleet).at(-1)).toBe('installed');
  });

  test('reports a build that is none as the configuration error it is, and a missing one too', async () => {
    const fleet = await startFleet();
    await fleet.registerApp('v1', { 'readme.txt': 'no site' });
    await fleet.agent({ projectDir: playwrightProject({ 'tests/a.spec.ts': passing('a') }) });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    const done = await fleet.completed(job);
    expect(done).toMatchObject({ conclusion: 'failed', reason_code: 'config_error' });
    expect(done.reason).toContain('index.html');
    expect(installs(fleet)).toEqual(['failed']);
  });

  test('stops a cancelled job within a heartbeat, whatever it is at, and leaves no process', async () => {
    const fleet = await startFleet({ leaseSeconds: 2 });
    const workDir = temporaryFolder();
    await fleet.agent({
      workDir,
      projectDir: playwrightProject({ 'tests/a.spec.ts': hanging }),
      limits: { graceMs: 2000 },
    });
    const [running] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    await fleet.gate.until(({ path, body }) => path.endsWith('/log') && body.includes('hanging'));
    await fleet.client.cancelJob({ params: { id: running.id } });
    expect((await fleet.completed(running)).conclusion).toBe('cancelled');
    expect(left(workDir)).toEqual([]);
  });

  test('stops cancelled work that is still being prepared', async () => {
    const fleet = await startFleet({ leaseSeconds: 2 });
    await fleet.registerApp('v1', site('one'));
    fleet.gate.decide(({ path }) => (path.startsWith('/v1/blobs/') ? 'cut' : 'pass'));
    await fleet.agent({ projectDir: playwrightProject({ 'tests/a.spec.ts': passing('a') }) });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    await fleet.gate.until(({ path }) => path.startsWith('/v1/blobs/'));
    await fleet.client.cancelJob({ params: { id: job.id } });
    expect((await fleet.completed(job)).conclusion).toBe('cancelled');
    expect(fleet.gate.seen.some(({ path }) => path.endsWith('/start'))).toBe(false);
  });

  test('gives up a job that never gets ready, with all that was started for it', async () => {
    const fleet = await startFleet({ leaseSeconds: 2 });
    await fleet.registerApp('v1', site('one'));
    fleet.gate.decide(({ path }) => (path.startsWith('/v1/blobs/') ? 'cut' : 'pass'));
    const projectDir = playwrightProject({ 'tests/a.spec.ts': passing('a') });
    await fleet.agent({ projectDir, limits: { prepareMs: 1000 } });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'], retries: { test: 0, infra: 0 } });
    const done = await fleet.completed(job);
    expect(done).toMatchObject({
      conclusion: 'infra_error',
      reason: expect.stringContaining('not ready to run after 1 s'),
    });
  });

  test('registers anew when the server has forgotten it, and works on', async () => {
    const fleet = await startFleet({ leaseSeconds: 1 });
    const running = await fleet.agent({ projectDir: playwrightProject({ 'tests/a.spec.ts': passing('a') }) });
    const forgotten = running.agentId;
    fleet.gate.decide(({ path }) => (path.includes(forgotten) ? 'not_found' : 'pass'));
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    expect((await fleet.completed(job)).conclusion).toBe('passed');
    expect(running.agentId).not.toBe(forgotten);
    expect(fleet.gate.seen.filter(({ method, path }) => method === 'POST' && path === '/v1/agents')).toHaveLength(2);
  });

  test('ends by itself when its key is revoked', async () => {
    const fleet = await startFleet({ leaseSeconds: 1 });
    const running = await fleet.agent({ projectDir: playwrightProject({}) });
    const { body: keys } = await fleet.client.listKeys({ params: { org: 'acme' } });
    await fleet.client.revokeKey({ params: { org: 'acme', key_id: keys.items[0]?.id ?? '' } });
    await expect(running.finished).rejects.toMatchObject({ status: 401 });
  });

  test('reports a failure of the infrastructure when its own files fail it, and sets a device aside that fails three tests', async () => {
    const fleet = await startFleet({ leaseSeconds: 1 });
    const workDir = temporaryFolder();
    const names = ['a', 'b', 'c'];
    const projectDir = playwrightProject(
      Object.fromEntries(names.map((name) => [`tests/${name}.spec.ts`, passing(name)])),
    );
    const devices = names.map((id) => ({ id, target: 'emulator', platform: 'web' }) as const);
    await fleet.agent({ workDir, projectDir, devices });
    // whichever device takes a job, the folder of jobs is none
    writeFileSync(join(workDir, 'jobs'), 'no folder');
    for (const name of [...names, ...names, ...names]) {
      const [job] = await fleet.submit({ tests: [`tests/${name}.spec.ts`] });
      expect(await fleet.completed(job)).toMatchObject({
        conclusion: 'infra_error',
        reason: expect.stringContaining('ENOTDIR'),
      });
    }
    const states = async () => (await fleet.client.listDevices()).body.items.map(({ state }) => state);
    expect((await states()).filter((state) => state === 'unhealthy').length).toBeLessThan(2);
  });
});

describe('a lease that is lost', () => {
  test('ends the work at once, without any further word about it', async () => {
    const fleet = await startFleet({ leaseSeconds: 2 });
    const workDir = temporaryFolder();
    await fleet.agent({ workDir, projectDir: playwrightProject({ 'tests/a.spec.ts': hanging }) });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    await fleet.gate.until(({ path, body }) => path.endsWith('/log') && body.includes('hanging'));
    expect(left(workDir).length).toBeGreaterThan(0);
    // nothing of the agent gets through any more: the server gives the job up, and so must the agent, by its own clock
    fleet.gate.decide(() => 'cut');
    await fleet.job(job, ({ status }) => status === 'queued');
    await vi.waitFor(() => expect(left(workDir)).toEqual([]), { timeout: 5000 });
    expect(fleet.logged.some(({ message }) => message.includes('The lease ran out'))).toBe(true);
    expect(fleet.gate.seen.filter(({ path }) => path.endsWith('/result'))).toEqual([]);
  });

  test('is not fought for: what the server gave to another is dropped at the next heartbeat', async () => {
    const fleet = await startFleet({ leaseSeconds: 2 });
    const workDir = temporaryFolder();
    await fleet.agent({ workDir, projectDir: playwrightProject({ 'tests/a.spec.ts': hanging }) });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    const { path } = await fleet.gate.until(({ path, body }) => path.endsWith('/log') && body.includes('hanging'));
    const id = path.split('/')[3] ?? '';
    const started = fleet.gate.seen.find(({ path }) => path.endsWith('/start'));
    const token = String(started?.headers['qgjob-lease-token']);
    await fleet.client.cancelJob({ params: { id: job.id } });
    const headers = { 'qgjob-lease-token': token };
    await fleet.client.releaseLease({ params: { id }, headers, body: {} });
    const released = fleet.gate.seen.length;
    await vi.waitFor(() => expect(left(workDir)).toEqual([]), { timeout: 5000 });
    const claimed = await fleet.gate.until(
      (seen) => fleet.gate.seen.indexOf(seen) >= released && seen.path.endsWith('/heartbeat'),
    );
    expect(claimed.status).toBe(200);
    expect(fleet.gate.seen.filter(({ path }) => path.endsWith('/result'))).toEqual([]);
  });

  test('is not lost by heartbeats that fail while its time lasts', async () => {
    const fleet = await startFleet({ leaseSeconds: 4 });
    const projectDir = playwrightProject({
      'tests/a.spec.ts': spec(`test('long', async () => { await new Promise((done) => setTimeout(done, 6000)); });`),
    });
    await fleet.agent({ projectDir });
    let beats = 0;
    fleet.gate.decide(({ path }) => (path.endsWith('/heartbeat') && beats++ % 2 === 0 ? 'cut' : 'pass'));
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    const done = await fleet.completed(job);
    expect(done).toMatchObject({ conclusion: 'passed', attempts: [{ number: 1, outcome: 'passed' }] });
    expect(beats).toBeGreaterThan(3);
  });
});

describe('connections that break', () => {
  test('cost neither the result nor a byte of the log', async () => {
    const fleet = await startFleet({ leaseSeconds: 10 });
    const projectDir = playwrightProject({
      'tests/a.spec.ts': spec(
        `test('talks', () => { for (let i = 0; i < 20000; i++) console.log('line', i, 'of a long log é'); });`,
      ),
    });
    const calls = new Map<string, number>();
    fleet.gate.decide(({ path }) => {
      const kind = path.split('/').at(-1)?.split('?')[0] ?? '';
      const n = (calls.get(kind) ?? 0) + 1;
      calls.set(kind, n);
      if (!['log', 'result', 'start', 'install', 'claims'].includes(kind)) return 'pass';
      return n % 3 === 1 ? 'lose' : n % 3 === 2 ? 'cut' : 'pass';
    });
    await fleet.agent({ projectDir });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    const done = await fleet.completed(job);
    expect(done).toMatchObject({ conclusion: 'passed', counts: { total: 1 } });
    const lines = (await jobLog(fleet, done.id)).split('\n').filter((line) => line.startsWith('line '));
    expect(lines).toEqual(Array.from({ length: 20000 }, (_, i) => `line ${i} of a long log é`));
  });
});

describe('an agent that leaves', () => {
  test('drains: finishes what runs, gives back the rest, and tells that its devices are gone', async () => {
    const fleet = await startFleet();
    const workDir = temporaryFolder();
    const files = { 'tests/a.spec.ts': passing('a'), 'tests/b.spec.ts': passing('b') };
    const running = await fleet.agent({ workDir, projectDir: playwrightProject(files) });
    const [first, second = first] = await fleet.submit({ tests: ['tests/a.spec.ts', 'tests/b.spec.ts'] });
    await fleet.gate.until(({ path }) => path.endsWith('/start'));
    await running.drain();
    expect((await fleet.completed(first)).conclusion).toBe('passed');
    const { body: rest } = await fleet.client.getJob({ params: { id: second.id } });
    expect(rest).toMatchObject({ status: 'queued', attempts: [] });
    expect(left(workDir)).toEqual([]);
    const { body: devices } = await fleet.client.listDevices();
    expect(devices.items.filter(({ state }) => state !== 'offline')).toEqual([]);
  });

  test('drains when its operator says so, and pauses until told to go on', async () => {
    const fleet = await startFleet({ leaseSeconds: 1 });
    const running = await fleet.agent({ projectDir: playwrightProject({ 'tests/a.spec.ts': passing('a') }) });
    const command = (command: 'pause' | 'drain' | null) =>
      fleet.client.commandAgent({ params: { id: running.agentId }, body: { command } });
    await command('pause');
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    const before = fleet.gate.seen.length;
    await fleet.gate.until((seen) => fleet.gate.seen.indexOf(seen) > before && seen.path.endsWith('/heartbeat'));
    expect((await fleet.client.getJob({ params: { id: job.id } })).body.status).toBe('queued');
    await command(null);
    expect((await fleet.completed(job)).conclusion).toBe('passed');
    await command('drain');
    await running.finished;
  });

  test('stops: ends what runs and gives it back as if never begun', async () => {
    const fleet = await startFleet();
    const workDir = temporaryFolder();
    const running = await fleet.agent({
      workDir,
      projectDir: playwrightProject({ 'tests/a.spec.ts': hanging }),
      limits: { graceMs: 1000 },
    });
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    await fleet.gate.until(({ path, body }) => path.endsWith('/log') && body.includes('hanging'));
    await running.stop();
    expect((await fleet.client.getJob({ params: { id: job.id } })).body).toMatchObject({ status: 'queued' });
    expect(left(workDir)).toEqual([]);
  });

  test('lets one agent at a time have its work folder', async () => {
    const fleet = await startFleet();
    const workDir = temporaryFolder();
    await fleet.agent({ workDir });
    await expect(fleet.agent({ workDir })).rejects.toThrow('Another agent');
  });
});
