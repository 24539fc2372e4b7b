import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findMarked, runMarker } from '../../agent/processes/marks.ts';
import { findNamespaces } from '../../agent/processes/pid-namespace.ts';
import type { StartRunner } from '../../agent/processes/runner-process.ts';
import { WorkEnded } from '../../agent/work-ended.ts';
import { runCommandOn } from './support/command.ts';
import { temporaryFolder } from './support/project.ts';
import { startInGroup, stealthyDaemon, tightWays, waysToStart } from './support/runners.ts';

const env = { PATH: process.env.PATH ?? '' };

async function started(start: StartRunner, code: string, given: { args?: string[]; env?: typeof env } = {}) {
  const cwd = realpathSync(temporaryFolder());
  const runId = randomUUID();
  const words = ['-e', code, ...(given.args ?? [])];
  const runner = await start(process.execPath, words, { cwd, env: given.env ?? env, runId });
  onTestFinished(() => runner.clear());
  let output = '';
  for (const stream of [runner.stdout, runner.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const printed = (text: string) => vi.waitUntil(() => output.includes(text), { timeout: 20_000 });
  const closed = once(runner.stdout, 'close');
  return { runner, runId, cwd, output: () => output, printed, closed };
}

/** Its end, and all it printed. */
async function finished({ runner, output, closed }: Awaited<ReturnType<typeof started>>) {
  const exit = await runner.ended;
  await runner.clear();
  await closed;
  return { ...exit, output: output() };
}

test('namespaces are used where, and only where, this machine lets the agent make them', async () => {
  const made = ['--pid', '--fork', '--mount-proc', 'true'];
  const asRoot = spawnSync('unshare', made).status === 0;
  const asUser = spawnSync('unshare', ['--user', '--map-current-user', ...made]).status === 0;
  expect((await findNamespaces()) !== null).toBe(asRoot || asUser);
  expect(tightWays).toHaveLength(asRoot || asUser ? 1 : 0);
});

describe.each(waysToStart)('a runner %s', (_, start) => {
  test('runs in its folder with its own words and environment, whatever is in them', async () => {
    const args = ['a b', '$(touch oops)', '', '--', '-x', "'"];
    const odd = { ...env, 'my.property': '1', EMPTY: '' };
    const tells = `console.log(JSON.stringify([process.cwd(), process.argv.slice(1), process.env]))`;
    // '--' ends node's own options
    const it = await started(start, tells, { args: ['--', ...args], env: odd });
    const { code, signal, output } = await finished(it);
    expect([code, signal]).toEqual([0, null]);
    expect(JSON.parse(output)).toEqual([it.cwd, args, { ...odd, [runMarker]: it.runId }]);
  });

  test('ends with the code or the signal it ended with', async () => {
    expect(await finished(await started(start, 'process.exit(137)'))).toMatchObject({ code: 137, signal: null });
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGABRT'] as const) {
      const it = await started(start, `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000);`);
      expect(await finished(it)).toMatchObject({ code: null, signal });
    }
  });

  test('that cannot be started says so in the words of the system', async () => {
    const options = { cwd: temporaryFolder(), env, runId: randomUUID() };
    const runner = await start('qgjob-no-such-program', [], options);
    await expect(runner.ended).rejects.toMatchObject({ code: 'ENOENT', syscall: 'spawn qgjob-no-such-program' });
    await runner.clear();
  });

  test('is asked by SIGINT, it alone, and may take its time to write what it found', async () => {
    const child = `process.on('SIGINT', () => console.log('child was asked')); console.log('child ready'); setInterval(() => {}, 1000);`;
    const it = await started(
      start,
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
       process.on('SIGINT', () => setTimeout(() => { console.log('report written'); process.exit(130); }, 50));`,
    );
    await it.printed('child ready');
    await it.runner.stop(20_000);
    const { code, output } = await finished(it);
    expect(code).toBe(130);
    expect(output).toContain('report written');
    expect(output).not.toContain('child was asked');
  });

  test('that does not heed SIGINT is killed when its time is up, and so is what it started', async () => {
    const it = await started(
      start,
      `process.on('SIGINT', () => {}); console.log('deaf'); setInterval(() => {}, 1000);`,
    );
    await it.printed('deaf');
    await it.runner.stop(100);
    expect(await it.runner.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await it.runner.clear();
    expect(findMarked(runMarker, it.runId)).toEqual([]);
  });

  test('sees the orphans it made collected once they have ended', async () => {
    const orphan = `(sh -c 'echo $$' > pid &) ; sleep 0.2; while [ -e /proc/$(cat pid) ]; do sleep 0.05; done; echo collected`;
    const it = await started(
      start,
      `require('node:child_process').execFileSync('/bin/sh', ['-c', ${JSON.stringify(orphan)}], { stdio: 'inherit' });`,
    );
    expect((await finished(it)).output).toContain('collected');
  });
});

describe.each(tightWays)('a daemon that forked twice and scrubbed its environment, %s,', (_, startRunner) => {
  test('ends with its job', async () => {
    const daemon = stealthyDaemon();
    const runner = `${daemon.code} fs.writeFileSync(report, '<testsuite><testcase name="a"/></testsuite>')`;
    expect((await runCommandOn({ runner, startRunner }).done).outcome).toBe('passed');
    expect(daemon.alive()).toEqual([]);
  });

  test('ends with a job that is cancelled, or whose lease is lost', async () => {
    for (const why of ['cancelled', 'lease_lost'] as const) {
      const daemon = stealthyDaemon();
      const runner = `${daemon.code} console.log('daemon runs'); setInterval(() => {}, 1000);`;
      const it = runCommandOn({ runner, startRunner });
      await it.printed('daemon runs');
      await vi.waitUntil(() => daemon.alive().length === 1);
      it.abort.abort(new WorkEnded(why, why));
      expect((await it.done).outcome).toBe('cancelled');
      expect(daemon.alive()).toEqual([]);
    }
  });

  test('ends with a job whose time is up', async () => {
    const daemon = stealthyDaemon();
    const runner = `${daemon.code} process.on('SIGINT', () => {}); setInterval(() => {}, 1000);`;
    const limits = { startMs: 60_000, idleMs: 60_000, graceMs: 100 };
    const it = runCommandOn({ runner, startRunner, request: { timeoutMs: 2000, limits } });
    await vi.waitUntil(() => daemon.alive().length === 1);
    expect((await it.done).outcome).toBe('timed_out');
    expect(daemon.alive()).toEqual([]);
  });
});

test('without a namespace a daemon is found by its mark in a session of its own', async () => {
  const daemon = `require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref(); console.log('left');`;
  const it = await started(startInGroup, daemon);
  await it.runner.ended;
  expect(findMarked(runMarker, it.runId)).toHaveLength(1);
  await it.runner.clear();
  expect(findMarked(runMarker, it.runId)).toEqual([]);
});
