import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findBrowser } from '../../agent/browser.ts';
import { agentMarker, findMarked } from '../../agent/processes/marks.ts';
import { findNamespaces } from '../../agent/processes/pid-namespace.ts';
import { openWorkDir } from '../../agent/work-dir.ts';
import { browserCache } from './support/execute.ts';
import { startFleet } from './support/fleet.ts';
import { playwrightProject, spec, temporaryFolder } from './support/project.ts';

vi.setConfig({ testTimeout: 90_000 });

const namespaces = await findNamespaces();

test.each([
  ['where PID namespaces hold its runners, if this machine has any', true],
  ['where only marks do', false],
])(
  'an agent killed half-way leaves nothing that its successor does not clear up, and its job is run again (%s)',
  async (_, pidNamespaces) => {
    const fleet = await startFleet({ leaseSeconds: 3 });
    const workDir = temporaryFolder();
    const flag = join(temporaryFolder(), 'second-time');
    const projectDir = playwrightProject({
      'tests/a.spec.ts': spec(`
      import { existsSync } from 'node:fs';
      test('hangs the first time', async ({ page }) => {
        await page.setContent('x');
        console.log('in the page');
        if (!existsSync(${JSON.stringify(flag)})) { test.setTimeout(0); await new Promise(() => {}); }
      });`),
    });
    const settings = {
      serverUrl: fleet.gate.url,
      apiKey: fleet.agentKey,
      name: 'doomed',
      devices: [{ id: 'web-1', target: 'emulator', platform: 'web' }],
      workDir,
      projectDir,
      pidNamespaces,
      chromium: (await findBrowser({ explicit: undefined, cacheDir: browserCache }))?.path,
    };
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'support/agent-process.ts'),
      JSON.stringify(settings),
    ]);
    const [job] = await fleet.submit({ tests: ['tests/a.spec.ts'] });
    await fleet.gate.until(({ path, body }) => path.endsWith('/log') && body.includes('in the page'));
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;

    const mark = readFileSync(join(workDir, 'mark'), 'utf8');
    const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`qgjob-${mark.slice(0, 8)}`));
    const left = () => findMarked(agentMarker, mark);
    if (pidNamespaces && namespaces) await vi.waitUntil(() => left().length === 0);
    const orphans = left();
    expect(orphans.length > 0).toBe(!(pidNamespaces && namespaces));
    expect(temporary()).toHaveLength(1);
    await mkdir(join(workDir, 'cache', 'builds', '.making-half-unpacked'));
    await mkdir(flag);

    await fleet.agent({ workDir, projectDir });
    expect(findMarked(agentMarker, mark).filter((pid) => orphans.includes(pid))).toEqual([]);
    expect(existsSync(join(workDir, 'cache', 'builds', '.making-half-unpacked'))).toBe(false);
    const done = await fleet.completed(job);
    expect(done.conclusion).toBe('passed');
    expect(done.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'passed']);
    await vi.waitFor(() => expect(temporary()).toEqual([]));
  },
);

test.skipIf(!existsSync('/proc/self/stat'))(
  'a killed agent that its parent has not buried does not keep its successor out',
  async () => {
    // the shell's child ends when another program has taken the shell's place, which never asks for it
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [said] = await once(parent.stdout, 'data');
    const pid = Number(said);
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    await vi.waitUntil(() => stat()[0] === 'Z');
    const workDir = temporaryFolder();
    writeFileSync(join(workDir, 'agent.lock'), `${pid} ${stat()[19]}`);
    const opened = await openWorkDir(workDir);
    await opened.release();
  },
);
