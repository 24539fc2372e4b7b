import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';
import type { Run, RunReport } from '../contract/run.ts';
import type { DeviceRequirement } from '../contract/words.ts';
import { conclude } from './conclude.ts';
import type { Inputs } from './inputs.ts';
import { type Step, setOutputs } from './step.ts';
import type { Env } from './untrusted.ts';

/**
 * Runs the tests on this runner, with the CLI that comes with the Action, and tells of them as of any run.
 * @throws UserError when the CLI cannot be set up, or ended without results
 */
export async function runLocally(step: Step, appFile: string | undefined): Promise<void> {
  const { inputs, workflow, actionRoot, log, signal } = step;
  await installCli(step);
  const folder = await mkdtemp(join(tmpdir(), 'qgjob-local-'));
  const files = { report: join(folder, 'report.json'), junit: join(folder, 'junit.xml') };
  const args = [join(actionRoot, 'cli', 'qgjob.js'), 'run', '--output', 'json', ...flagsOf(inputs, appFile)];
  try {
    const child = spawn(process.execPath, [...args, '--report', files.report, '--junit', files.junit], {
      cwd: workflow.workspace,
      env: withoutCredentials(step.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = textOf(child.stdout);
    createInterface({ input: child.stderr }).on('line', log.line);
    await ended(child, signal);
    signal.throwIfAborted();
    if (!existsSync(files.report))
      throw new UserError('The local run ended without results.', exitCodes.infrastructure);
    // safe because this very version's CLI wrote it
    const { run: _, ...rest } = JSON.parse(await readFile(files.report, 'utf8')) as RunReport;
    const run = { ...(JSON.parse(await printed) as Run), url: workflowRunUrl(step.env) };
    setOutputs(step, { 'run-id': run.id, 'run-url': run.url, 'app-version-id': run.app_version_id });
    const { jobs: _jobs, ...summary } = run;
    await conclude(step, {
      run,
      report: { ...rest, run: summary },
      writeJunit: (path) => copyFile(files.junit, path),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The Action's checkout has the CLI's source but not its libraries: they are fetched as the lock file pins them. */
async function installCli({ actionRoot, env, log, signal }: Step): Promise<void> {
  if (existsSync(join(actionRoot, 'node_modules', 'commander'))) return;
  log.line('Installing the libraries of the qgjob CLI');
  const child = spawn('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: actionRoot,
    env: withoutCredentials(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const code = await ended(child, signal).catch(() => 127);
  signal.throwIfAborted();
  if (code === 0) return;
  log.group('npm ci', (await printed).join('\n'));
  throw new UserError('fallback: local needs npm on the runner, and a registry it can reach.', exitCodes.usage, [
    'Add actions/setup-node before this step.',
  ]);
}

function flagsOf({ wish, failOn, orgId }: Inputs, appFile: string | undefined): string[] {
  const one = (flag: string, value: string | number | undefined) => (value === undefined ? [] : [`${flag}=${value}`]);
  return [
    ...wish.tests.map((test) => `--test=${test}`),
    ...one('--org-id', orgId),
    ...one('--app-version-id', wish.appVersionId),
    ...one('--app', appFile),
    ...one('--project-dir', wish.projectDir),
    ...one('--project', wish.project),
    ...one('--target', wish.target),
    ...(wish.devices ?? []).map((device) => `--device=${deviceText(device)}`),
    ...one('--retries', wish.retries),
    ...one('--infra-retries', wish.infraRetries),
    ...one('--timeout', wish.timeoutSeconds && `${wish.timeoutSeconds}s`),
    ...one('--reset', wish.reset),
    `--fail-on=${failOn}`,
  ];
}

function deviceText({ platform, model, os_version, labels = [] }: DeviceRequirement): string {
  const pairs = [
    ['platform', platform],
    ['model', model],
    ['os', os_version],
    ...labels.map((label) => ['label', label]),
  ];
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}="${value}"`])).join(',');
}

/** The tests are code of the repository: what this step was given to talk to the server and to GitHub is none of theirs. */
function withoutCredentials(env: Env): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(INPUT_|STATE_|ACTIONS_|GITHUB_TOKEN$)/.test(name)),
  );
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function ended(child: ChildProcess, signal: AbortSignal): Promise<number | null> {
  const stop = () => child.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => signal.removeEventListener('abort', stop));
}

function workflowRunUrl(env: Env): string {
  return `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
}
