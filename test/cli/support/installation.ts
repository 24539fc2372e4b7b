import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, qgjob, type RunningCli, startCli } from './cli.ts';
import { folderWith } from './project.ts';

/** A user's machine: a home, a test project, and this repository's packages for the projects that agents unpack. */
export interface Machine {
  folder: string;
  project: string;
  env: Record<string, string>;
  /** The real command, from the project. */
  qgjob(...args: string[]): ReturnType<typeof qgjob>;
  start(...args: string[]): RunningCli;
}

const spec = (body: string) => `import { expect, test } from '@playwright/test';\n${body}\n`;

export function aMachine(): Machine {
  const folder = folderWith({
    'project/playwright.config.ts': "export default { testDir: 'tests' };\n",
    'project/tests/adds.spec.ts': spec("test('adds', () => { expect(1 + 1).toBe(2); });"),
    'project/tests/fails.spec.ts': spec("test('fails', () => {\n  expect(1 + 1).toBe(3);\n});"),
    'project/tests/hangs.spec.ts': spec("test('hangs', () => new Promise((resolve) => setTimeout(resolve, 25_000)));"),
  });
  mkdirSync(join(folder, 'home'));
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  const project = join(folder, 'project');
  const env: Record<string, string> = { HOME: join(folder, 'home') };
  return {
    folder,
    project,
    env,
    qgjob: (...args) => qgjob(args, { cwd: project, env }),
    start: (...args) => startCli(args, { cwd: project, env }),
  };
}

/** Starts a server on that machine, whose commands know it from then on. */
export async function startServer(machine: Machine, ...flags: string[]): Promise<RunningCli & { url: string }> {
  const server = machine.start('serve', '--port=0', `--database=${join(machine.folder, 'server/qgjob.db')}`, ...flags);
  const [, url = ''] = await server.said('stdout', /serves at (http:\S+)/);
  machine.env.QGJOB_SERVER_URL = url;
  return { ...server, url };
}

/** Starts an agent with one browser on that machine. */
export async function startAgent(machine: Machine): Promise<RunningCli> {
  const device = '--device=id=web-1,target=emulator,platform=web,model="Pixel 7"';
  const agent = machine.start('agent', device, '--name=lab', `--work-dir=${join(machine.folder, 'work')}`);
  await agent.said('stdout', /serves http/);
  return agent;
}
