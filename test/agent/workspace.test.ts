import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { childEnvironment } from '../../agent/executors/environment.ts';
import { WorkEnded } from '../../agent/work-ended.ts';
import { installDependencies } from '../../agent/workspace/dependencies.ts';
import { createSharing } from '../../agent/workspace/share.ts';
import { prepareWorkspace, type WorkspaceDeps } from '../../agent/workspace/workspace.ts';
import { createClient } from '../../contract/client.ts';
import { type Fleet, pack, startFleet } from './support/fleet.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';
import { startRunner } from './support/runners.ts';

vi.setConfig({ testTimeout: 90_000 });

/** A project whose one dependency is a folder of its own: npm needs no registry for it. */
function projectWithDependency(version = '1.0.0'): string {
  const dir = temporaryFolder();
  writeFiles(dir, {
    'package.json': JSON.stringify({ name: 'p', private: true, dependencies: { shout: 'file:./shout' } }),
    'shout/package.json': JSON.stringify({ name: 'shout', version, main: 'index.js' }),
    'shout/index.js': `module.exports = () => 'SHOUT ${version}';`,
    'tests/a.spec.ts': '// a spec',
  });
  const env = childEnvironment({});
  execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund', '--offline'], {
    cwd: dir,
    env,
    stdio: 'ignore',
  });
  return dir;
}

async function upload(fleet: Fleet, project: string) {
  const bytes = await pack(project);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await fleet.client.putBlob({ params: { sha256 }, query: { org_id: 'acme' }, body: new Uint8Array(bytes) });
  return { sha256, org_id: 'acme' };
}

async function harness() {
  const fleet = await startFleet();
  const dir = temporaryFolder();
  const deps: WorkspaceDeps = {
    client: createClient({ serverUrl: fleet.gate.url, apiKey: fleet.agentKey }),
    sharing: createSharing(),
    bundlesDir: join(dir, 'bundles'),
    dependenciesDir: join(dir, 'dependencies'),
    projectDir: dir,
    startRunner,
    env: childEnvironment({}),
  };
  for (const folder of [deps.bundlesDir, deps.dependenciesDir]) await mkdir(folder);
  let output = '';
  const signal = new AbortController().signal;
  const prepare = (device: string, bundle: { sha256: string; org_id: string } | null, given = signal) =>
    prepareWorkspace(deps, {
      bundle,
      dir: join(dir, 'jobs', device),
      signal: given,
      output: (chunk) => {
        output += Buffer.from(chunk).toString();
      },
    });
  return { fleet, deps, dir, prepare, output: () => output };
}

const requireIn = (dir: string) =>
  execFileSync(process.execPath, ['-p', 'require("shout")()'], { cwd: dir, encoding: 'utf8' }).trim();

test('two devices that want the same bundle at once share one download, one unpacking and one npm ci', async () => {
  const { fleet, deps, prepare, output } = await harness();
  const bundle = await upload(fleet, projectWithDependency());
  const [a, b] = await Promise.all([prepare('a', bundle), prepare('b', bundle)]);
  expect(a).not.toBe(b);
  for (const project of [a, b]) {
    expect(requireIn(project)).toBe('SHOUT 1.0.0');
    expect(existsSync(join(project, 'tests/a.spec.ts'))).toBe(true);
  }
  expect(realpathSync(join(a, 'node_modules'))).toBe(realpathSync(join(b, 'node_modules')));
  expect(fleet.gate.seen.filter(({ path }) => path.startsWith('/v1/blobs/'))).toHaveLength(1);
  expect(output().match(/added 1 package/g)).toHaveLength(1);
  await prepare('a', bundle);
  expect(output().match(/added 1 package/g)).toHaveLength(1);
  expect(readdirSync(deps.dependenciesDir)).toHaveLength(1);
});

test('a job starts from a fresh copy, whatever the job before it did to its own', async () => {
  const { fleet, prepare } = await harness();
  const bundle = await upload(fleet, projectWithDependency());
  const project = await prepare('a', bundle);
  writeFiles(project, { 'tests/a.spec.ts': 'spoilt', 'left-behind.txt': 'x' });
  expect(await prepare('a', bundle)).toBe(project);
  expect(readFileSync(join(project, 'tests/a.spec.ts'), 'utf8')).toBe('// a spec');
  expect(existsSync(join(project, 'left-behind.txt'))).toBe(false);
});

test('npm ci that is cancelled half-way leaves nothing that counts as installed, and no process', async () => {
  const { fleet, deps, prepare } = await harness();
  const project = projectWithDependency();
  const slow = { preinstall: `node -e "setTimeout(() => {}, 600000)"` };
  writeFiles(project, {
    'package.json': JSON.stringify({
      name: 'p',
      private: true,
      dependencies: { shout: 'file:./shout' },
      scripts: slow,
    }),
  });
  const bundle = await upload(fleet, project);
  const cancel = new AbortController();
  const preparing = prepare('a', bundle, cancel.signal);
  const npmRuns = () =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && cwdOf(pid).startsWith(deps.dependenciesDir));
  await vi.waitFor(() => expect(npmRuns().length).toBeGreaterThan(1), { timeout: 30_000 });
  cancel.abort(new WorkEnded('cancelled', 'cancelled'));
  await expect(preparing).rejects.toThrow('cancelled');
  await vi.waitFor(() => {
    expect(npmRuns()).toEqual([]);
    expect(readdirSync(deps.dependenciesDir)).toEqual([]);
  });
});

function cwdOf(pid: string): string {
  try {
    return realpathSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

test('a lock file that does not fit is the configuration error it is, in the words of npm', async () => {
  const { fleet, prepare } = await harness();
  const project = projectWithDependency();
  writeFiles(project, { 'package.json': JSON.stringify({ dependencies: { shout: 'file:./shout', absent: '1.0.0' } }) });
  await expect(prepare('a', await upload(fleet, project))).rejects.toMatchObject({
    outcome: 'config_error',
    message: expect.stringMatching(/npm ci failed[\s\S]*absent/),
  });
});

test('a registry that is away is a failure of the infrastructure', async () => {
  const dir = temporaryFolder();
  writeFiles(dir, {
    'package.json': JSON.stringify({ dependencies: { absent: '1.0.0' } }),
    '.npmrc': 'registry=http://127.0.0.1:9/\nfetch-retries=0\n',
  });
  const options = {
    bundleDir: dir,
    bundleSha256: '',
    cacheDir: temporaryFolder(),
    startRunner,
    env: childEnvironment({}),
  };
  const failing = installDependencies({ ...options, signal: new AbortController().signal, output: () => undefined });
  await expect(failing).rejects.toMatchObject({ outcome: 'infra_error' });
});

test('a download goes on where it was cut, and other bytes are never taken', async () => {
  const { fleet, prepare } = await harness();
  const bundle = await upload(fleet, projectWithDependency());
  let calls = 0;
  fleet.gate.decide(({ path }) => (path.startsWith('/v1/blobs/') && calls++ < 2 ? 'halve' : 'pass'));
  expect(requireIn(await prepare('a', bundle))).toBe('SHOUT 1.0.0');
  const downloads = fleet.gate.seen.filter(({ path }) => path.startsWith('/v1/blobs/'));
  expect(downloads.map(({ status, headers }) => [status, headers.range === undefined])).toEqual([
    [200, true],
    [206, false],
    [206, false],
  ]);
  await expect(prepare('a', { ...bundle, sha256: '0'.repeat(64) })).rejects.toMatchObject({ outcome: 'config_error' });
});

test("without a bundle the job runs in the agent's own project", async () => {
  const { prepare, dir } = await harness();
  expect(await prepare('a', null)).toBe(dir);
});
