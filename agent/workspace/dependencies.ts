import { createHash } from 'node:crypto';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Environment } from '../executors/environment.ts';
import { isInfrastructure } from '../executors/infra-patterns.ts';
import { PreparationError } from '../preparation-error.ts';
import { runCommand } from '../processes/run-command.ts';
import type { StartRunner } from '../processes/runner-process.ts';
import { makeOnce } from './make-once.ts';

const flags = ['--prefer-offline', '--no-audit', '--no-fund'];
const packages = z.record(z.string(), z.string()).optional();
const Manifest = z.object({
  dependencies: packages,
  devDependencies: packages,
  optionalDependencies: packages,
  workspaces: z.unknown().optional(),
});

export interface DependencyOptions {
  /** The unpacked bundle. */
  bundleDir: string;
  bundleSha256: string;
  cacheDir: string;
  startRunner: StartRunner;
  env: Environment;
  signal: AbortSignal;
  output: (chunk: Uint8Array) => void;
}

/**
 * The node_modules a bundle's package.json and lock file ask for, installed by npm once per lock file and Node version.
 * Null where they ask for nothing. @throws PreparationError with the end of npm's output, or the signal's reason
 */
export async function installDependencies(options: DependencyOptions): Promise<string | null> {
  const { bundleDir } = options;
  const text = await readText(join(bundleDir, 'package.json'));
  if (text === null) return null;
  const manifest = parseManifest(text);
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  if (Object.keys(wanted).length === 0 && manifest.workspaces === undefined) return null;
  const lock =
    (await readText(join(bundleDir, 'package-lock.json'))) ?? (await readText(join(bundleDir, 'npm-shrinkwrap.json')));
  // packages inside the bundle itself: their sources count, not the lock file alone
  const local = manifest.workspaces !== undefined || Object.values(wanted).some((range) => /^(file|link):/.test(range));
  const npmrc = (await readText(join(bundleDir, '.npmrc'))) ?? '';
  const parts = [
    lock ?? text,
    npmrc,
    process.version,
    process.platform,
    process.arch,
    local ? options.bundleSha256 : '',
  ];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const installed = await makeOnce(join(options.cacheDir, key), async (dir) => {
    await copyManifests(bundleDir, dir, local);
    await npm(lock === null ? 'install' : 'ci', dir, options);
    await mkdir(join(dir, 'node_modules'), { recursive: true });
  });
  return join(installed, 'node_modules');
}

async function copyManifests(bundleDir: string, dir: string, local: boolean): Promise<void> {
  if (local) return cp(bundleDir, dir, { recursive: true, verbatimSymlinks: true });
  for (const name of ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'])
    if ((await readText(join(bundleDir, name))) !== null) await cp(join(bundleDir, name), join(dir, name));
}

async function npm(command: 'ci' | 'install', cwd: string, options: DependencyOptions): Promise<void> {
  const { startRunner, env, signal, output } = options;
  const result = await runCommand('npm', [command, ...flags], { startRunner, cwd, env, signal, output }).catch(
    (error) => {
      signal.throwIfAborted();
      throw new PreparationError('infra_error', `npm could not be started: ${(error as Error).message}`, error);
    },
  );
  if (result.code === 0) return;
  const lines = stripVTControlCharacters(result.output)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const said = lines.slice(-20).join('\n');
  const outcome = isInfrastructure(said) || isNetwork(said) ? 'infra_error' : 'config_error';
  throw new PreparationError(outcome, `npm ${command} failed:\n${said}`);
}

/** npm's words for a registry that cannot be reached, as opposed to one that has no such package. */
function isNetwork(text: string): boolean {
  return /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|E5\d\d|ERR_SOCKET_TIMEOUT)\b/.test(text);
}

function parseManifest(text: string): z.infer<typeof Manifest> {
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (error) {
    throw new PreparationError('config_error', 'package.json cannot be read.', error);
  }
}

async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new PreparationError('config_error', `${basename(file)} cannot be read.`, error);
  });
}
