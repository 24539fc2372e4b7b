import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SimulationReport, Trace } from '../../contract/trace.ts';
import { startAgent } from '../http/work.ts';
import { startTestServer } from '../support/server.ts';
import { qgjob } from './support/cli.ts';
import { folderWith } from './support/project.ts';

const job = { release_s: 0, org_id: 'acme', app_version_id: 'v1', target: 'emulator', priority: 5, duration_s: 60 };
const trace = {
  devices: [{ id: 'pixel', target: 'emulator' }],
  jobs: [
    { ...job, id: 'a' },
    { ...job, id: 'b', app_version_id: 'v2' },
    { ...job, id: 'c' },
  ],
  install_s: { v1: 30, v2: 30 },
};

/** What the command says of a file with this in it. */
function simulate(content: unknown, ...flags: string[]) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return qgjob(['simulate', '--trace', 'trace.json', ...flags], { cwd: folderWith({ 'trace.json': text }) });
}

describe('simulate', () => {
  test('tells in words what came of a trace, without a server', async () => {
    const { code, stdout, stderr } = await simulate(trace);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        '3 of 3 jobs ran, 2 installs (at least 2 are needed)',
        'done after 4 min (no schedule is done before 4 min)',
        'waited 1 min 50 s on average, half up to 2 min, 95 % up to 3 min, longest 3 min\n',
      ].join('\n'),
    );
  });

  test('gives the schedule and the bounds as JSON', async () => {
    const { code, stdout } = await simulate(trace, '--output=json');
    const report = JSON.parse(stdout) as SimulationReport;
    expect(code).toBe(0);
    expect(report).toMatchObject({ installs: 2, makespan_s: 240, wait_s: { max: 180 }, bounds: { installs: 2 } });
    expect(report.bounds.makespan_s).toBeCloseTo(240, 3);
    expect(report.schedule).toEqual([
      { job_id: 'b', device_id: 'pixel', start_s: 30, end_s: 90, installed: true },
      { job_id: 'a', device_id: 'pixel', start_s: 120, end_s: 180, installed: true },
      { job_id: 'c', device_id: 'pixel', start_s: 180, end_s: 240, installed: false },
    ]);
  });

  test('plays it under another policy: where installs count less, more devices take up a version', async () => {
    const wide = {
      devices: ['a', 'b', 'c', 'd'].map((id) => ({ id, target: 'emulator' })),
      jobs: Array.from({ length: 12 }, (_, i) => ({ ...job, id: `j${i}` })),
      install_s: { v1: 60 },
    };
    const play = async (...flags: string[]) => JSON.parse((await simulate(wide, '--output=json', ...flags)).stdout);
    const [usual, cheap] = [await play(), await play('--install-price=1')];
    expect([usual.installs, cheap.installs]).toEqual([2, 4]);
    expect(cheap.makespan_s).toBeLessThan(usual.makespan_s);
    expect(await simulate(wide, '--install-price=0')).toMatchObject({
      code: 2,
      stderr: 'error: --install-price is 0. Allowed: 1 to 1000.\n',
    });
  });

  test('plays a trace in which nothing ran', async () => {
    const { code, stdout } = await simulate({ devices: [], jobs: [], install_s: {} });
    expect(code).toBe(0);
    expect(stdout).toContain('0 of 0 jobs ran, 0 installs');
  });

  test('names everything that is wrong with a trace, and where', async () => {
    const bad = {
      devices: [{ id: 'pixel', target: 'toaster' }, ...trace.devices, ...trace.devices],
      jobs: [
        { ...job, id: 'a', priority: 11, 'x\u001b[31m': 1 },
        { ...job, id: 'b', duration_s: -1 },
      ],
    };
    const { code, stdout, stderr } = await simulate(bad);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const path of ['devices.0.target', 'jobs.0', 'jobs.0.priority', 'jobs.1.duration_s', 'install_s'])
      expect(stderr).toMatch(new RegExp(`^  ${path}: \\S`, 'm'));
    expect(stderr).not.toContain('\u001b');
  });

  test('refuses ids that come twice', async () => {
    const { code, stderr } = await simulate({ ...trace, jobs: [...trace.jobs, { ...job, id: 'a' }] });
    expect(code).toBe(2);
    expect(stderr).toContain('  jobs: the ids of jobs must differ');
  });

  test('tells twenty complaints and how many more there are', async () => {
    const jobs = Array.from({ length: 30 }, (_, i) => ({ ...job, id: `j${i}`, priority: -1 }));
    const { stderr } = await simulate({ ...trace, jobs });
    expect(stderr.match(/^ {2}jobs\.\d+\.priority/gm)).toHaveLength(20);
    expect(stderr).toContain('and 10 more');
  });

  test.each([
    ['is missing', ['simulate'], /--trace <file>' not specified|--trace is missing/],
    [
      'is not there',
      ['simulate', '--trace=/nonexistent/week.json'],
      /The trace \/nonexistent\/week.json cannot be read/,
    ],
  ])('says so where the file %s', async (_, args, expected) => {
    const { code, stderr } = await qgjob(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });

  test('says so where the file is no JSON', async () => {
    const { code, stderr } = await simulate('{"devices": [');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('trace.json is not JSON') });
  });

  test('refuses a trace that would take hours, by its jobs or by its size, and says what it takes', async () => {
    const jobs = Array.from({ length: 100_001 }, (_, i) => ({ ...job, id: `j${i}` }));
    const many = await simulate({ ...trace, jobs });
    expect(many.code).toBe(2);
    expect(many.stderr).toMatch(/^ {2}jobs: Too big: expected array to have <=100000 items/m);
    const large = await simulate(' '.repeat(100 * 1024 ** 2 + 1));
    expect(large.code).toBe(2);
    expect(large.stderr).toMatch(/larger than 100(\.0)? MiB[\s\S]*At most 100000 jobs and 1000 devices/);
  });
});

describe('export-trace', () => {
  test('writes what ran on a server, as simulate plays it', async () => {
    const server = await startTestServer();
    onTestFinished(() => server.stop());
    const org = await server.org();
    const versions = ['v1', 'v2'];
    const ran = new Map<string, string>();
    const createdAt: number[] = [];
    for (const version of versions) {
      const tests = ['tests/a.spec.ts', 'tests/b.spec.ts'];
      const body = { org_id: org.id, app_version_id: version, target: 'emulator' as const, tests };
      const { body: run } = await org.submit.submitRun({ body });
      createdAt.push(Date.parse(run.created_at));
      for (const { id } of run.jobs) ran.set(id, version);
    }
    const agent = await startAgent(org.agent);
    for (const _ of versions) {
      const claimed = await agent.claim(2);
      await claimed.install(3000);
      for (const id of claimed.jobIds) {
        await claimed.start(id);
        await claimed.result(id);
      }
      await org.agent.releaseLease({ params: { id: claimed.leaseId }, headers: claimed.headers, body: {} });
    }
    const cwd = folderWith({});
    const env = { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: org.keys.read };

    const exported = await qgjob(['export-trace', '--since=1h', '--trace=week.json'], { cwd, env });
    expect(exported).toMatchObject({ code: 0, stdout: `Wrote ${join(cwd, 'week.json')}\n` });
    expect(exported.stderr).toContain('jobs: 4, app versions: 2, devices: 1');
    const written = Trace.parse(JSON.parse(readFileSync(join(cwd, 'week.json'), 'utf8')));
    expect(written.install_s).toEqual({ v1: 3, v2: 3 });
    expect(new Map(written.jobs.map((each) => [each.id, each.app_version_id]))).toEqual(ran);
    const [first = 0, second = 0] = createdAt;
    const later = (second - first) / 1000;
    expect(written.jobs.map(({ release_s }) => release_s)).toEqual([0, 0, later, later]);
    expect(written.jobs.every(({ duration_s }) => duration_s === 1.5)).toBe(true);

    const played = await qgjob(['simulate', '--trace=week.json', '--output=json'], { cwd });
    expect(JSON.parse(played.stdout)).toMatchObject({ installs: 2, schedule: { length: 4 } });

    writeFileSync(join(cwd, 'piped.json'), (await qgjob(['export-trace', '--org-id', org.id], { cwd, env })).stdout);
    const piped = await qgjob(['simulate', '--trace=piped.json', '--output=id'], { cwd });
    expect(piped.stdout).toBe('2\n');
  });

  test('says that a file cannot be written, that a key is of another organisation, and what a duration is', async () => {
    const server = await startTestServer();
    onTestFinished(() => server.stop());
    const org = await server.org();
    const env = { QGJOB_SERVER_URL: server.url, QGJOB_API_KEY: org.keys.read };
    const unwritable = await qgjob(['export-trace', '--trace=/nonexistent/week.json'], { env });
    expect(unwritable).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be written') });
    const foreign = await qgjob(['export-trace', '--org-id=other'], { env });
    expect(foreign).toMatchObject({ code: 4, stdout: '' });
    const endless = await qgjob(['export-trace', '--since=ever'], { env });
    expect(endless).toMatchObject({ code: 2, stderr: expect.stringMatching(/90s, 15m, 1h/) });
  });
});
