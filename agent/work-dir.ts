import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { agentMarker, killMarked } from './processes/marks.ts';
import { temporaryPrefix } from './workspace/make-once.ts';
import { writeAtomically } from './write-atomically.ts';

const day = 86_400_000;
/** Builds, bundles and dependencies nobody has used for this long are removed when the agent starts. */
const cacheAgeMs = 14 * day;

/** The folder of one agent. Everything in `cache` is complete or absent, and may be deleted while no agent runs. */
export interface WorkDir {
  path: string;
  /** Carried by every process this work folder's agents start: what a killed agent left is known by it. */
  mark: string;
  cache: Record<'builds' | 'apps' | 'bundles' | 'dependencies' | 'browser' | 'playwright' | 'appwright', string>;
  /** A device's own folder, by its id; it lasts. */
  deviceDir(deviceId: string): string;
  /** A device's folder for the job it runs; emptied whenever an agent starts. */
  jobsDir(deviceId: string): string;
  /** Where processes of one execution keep temporary files: short, for sockets have a limit of 108 bytes. */
  temporaryDir(runId: string): string;
  /** Lets another agent have the folder. */
  release(): Promise<void>;
}

/**
 * Opens an agent's folder for this process alone, and clears up after a predecessor that was killed: its processes, its
 * jobs' files, its half-made cache entries.
 * @throws Error when another agent that lives works there
 */
export async function openWorkDir(given: string): Promise<WorkDir> {
  const path = resolve(given);
  const cacheOf = (kind: string) => join(path, 'cache', kind);
  const cache = {
    builds: cacheOf('builds'),
    apps: cacheOf('apps'),
    bundles: cacheOf('bundles'),
    dependencies: cacheOf('dependencies'),
    browser: cacheOf('browser'),
    playwright: cacheOf('playwright'),
    appwright: cacheOf('appwright'),
  };
  for (const folder of Object.values(cache)) await mkdir(folder, { recursive: true });
  const release = await lock(join(path, 'agent.lock'), path);
  try {
    const mark = await readMark(join(path, 'mark'));
    const temporary = `qgjob-${mark.slice(0, 8)}-`;
    await killMarked(agentMarker, mark);
    await rm(join(path, 'jobs'), { recursive: true, force: true });
    for (const name of await readdir(tmpdir()))
      if (name.startsWith(temporary)) await rm(join(tmpdir(), name), { recursive: true, force: true });
    for (const kind of ['builds', 'apps', 'bundles', 'dependencies', 'browser'] as const) await prune(cache[kind]);
    return {
      path,
      mark,
      cache,
      release,
      deviceDir: (id) => join(path, 'devices', folderName(id)),
      jobsDir: (id) => join(path, 'jobs', folderName(id)),
      temporaryDir: (runId) => join(tmpdir(), temporary + runId.slice(0, 8)),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A device's id may be any line of text: its folder is named for people, told apart by a hash. */
function folderName(deviceId: string): string {
  const readable = deviceId.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 40);
  return `${readable}-${createHash('sha256').update(deviceId).digest('hex').slice(0, 8)}`;
}

async function readMark(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return known;
  const mark = randomUUID();
  await writeAtomically(file, mark);
  return mark;
}

async function prune(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const entry = join(folder, name);
    const unused = Date.now() - (await stat(entry)).mtimeMs > cacheAgeMs;
    if (unused || name.startsWith(temporaryPrefix)) await rm(entry, { recursive: true, force: true });
  }
}

async function lock(file: string, path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(file, await identity(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = await readFile(file, 'utf8').catch(() => '');
      const pid = Number.parseInt(holder, 10);
      if (pid > 0 && (await identity(pid)) === holder)
        throw new Error(`Another agent (process ${pid}) works in ${path}: give each agent a folder of its own.`);
      await rm(file, { force: true });
    }
  }
}

/** A process's id with its start, for ids are used again; the id alone where there is no /proc. */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  if (stat === '' && !isAlive(pid)) return '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // dead, and nobody has asked how it ended: as PID 1, many a container has a program that never does
  if (fields[0] === 'Z') return '';
  return `${pid} ${fields[19] ?? ''}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
