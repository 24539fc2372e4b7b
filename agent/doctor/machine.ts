import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findBrowser } from '../browser.ts';
import { childEnvironment } from '../executors/environment.ts';
import { findNamespaces } from '../processes/pid-namespace.ts';

const GiB = 1024 ** 3;
/** Below this, installs and dependencies fail in the middle of a job. */
const minFreeBytes = 2 * GiB;
const oldestNode = [22, 19] as const;

/** One thing an agent needs; `advice` says what to do where it is not well. */
export interface MachineCheck {
  name: string;
  ok: boolean;
  detail: string;
  advice?: string;
}

export interface MachineSettings {
  /** The agent's work folder, which need not exist yet. */
  workDir: string;
  chromium?: string | undefined;
}

/** Looks at what an agent on this machine would need: programs, a browser that starts, space. Never rejects. */
export async function examineMachine({ workDir, chromium }: MachineSettings): Promise<MachineCheck[]> {
  return [
    checkNode(),
    await checkProgram('npm', 'Install npm: it installs the dependencies of bundles.'),
    await checkProgram('git', 'Install git: bundles are made of the files it tracks.'),
    await checkBrowser(workDir, chromium),
    await checkSpace(workDir),
    await checkContainment(),
  ];
}

function checkNode(): MachineCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return verdict('node', ok, process.version, `Install Node ${oldestNode.join('.')} or newer.`);
}

async function checkProgram(name: string, advice: string): Promise<MachineCheck> {
  try {
    return verdict(name, true, await firstLine(name), advice);
  } catch {
    return verdict(name, false, 'not found', advice);
  }
}

async function checkBrowser(workDir: string, chromium: string | undefined): Promise<MachineCheck> {
  const advice =
    "Install Chromium, run 'npx playwright install chromium' in the test project, or name one with --chromium.";
  try {
    const browser = await findBrowser({ explicit: chromium, cacheDir: resolve(workDir, 'cache', 'browser') });
    if (!browser) return verdict('browser', false, 'none found', advice);
    return verdict('browser', true, `${await firstLine(browser.path)} at ${browser.path}`, advice);
  } catch (error) {
    return verdict('browser', false, (error as Error).message, advice);
  }
}

async function checkSpace(workDir: string): Promise<MachineCheck> {
  const { bavail, bsize } = await statfsOfNearest(resolve(workDir));
  const free = Number(bavail) * Number(bsize);
  const detail = `${(free / GiB).toFixed(1)} GiB free for ${resolve(workDir)}`;
  return verdict('disk', free >= minFreeBytes, detail, `Free some space: ${minFreeBytes / GiB} GiB are needed.`);
}

/** Never a hindrance: an agent runs without namespaces too. */
async function checkContainment(): Promise<MachineCheck> {
  const namespaces = await findNamespaces();
  const how = namespaces ? 'PID namespaces: nothing they start outlives its job' : 'process groups';
  return verdict('runners', true, `held by ${how}`, '');
}

/** Of the folder, or the nearest one above it that exists. */
async function statfsOfNearest(folder: string): ReturnType<typeof statfs> {
  return statfs(folder).catch((error) => {
    if (dirname(folder) === folder) throw error;
    return statfsOfNearest(dirname(folder));
  });
}

async function firstLine(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 20_000, env: childEnvironment({}) });
  return stdout.split('\n', 1)[0]?.trim() ?? '';
}

function verdict(name: string, ok: boolean, detail: string, advice: string): MachineCheck {
  return { name, ok, detail, ...(ok ? {} : { advice }) };
}
