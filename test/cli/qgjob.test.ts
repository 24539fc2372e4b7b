import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout, qgjob, startCli } from './support/cli.ts';
import { startFakeServer } from './support/fake-server.ts';
import { folderWith } from './support/project.ts';
import { aRun } from './support/resources.ts';

const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
const asNode20 = ['--import', 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})'];

test('prints its version and nothing else', async () => {
  expect(await qgjob(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});

test('starts again with the Node of the checkout where the one it was started with is too old', async () => {
  expect(await qgjob(['--version'], { nodeArgs: asNode20 })).toMatchObject({
    code: 0,
    stdout: `${version}\n`,
    stderr: '',
  });
});

test('hands the exit code of that second process on', async () => {
  expect(await qgjob(['nonsense'], { nodeArgs: asNode20 })).toMatchObject({ code: 2, stdout: '' });
});

test.each(['SIGINT', 'SIGTERM'] as const)('hands %s on to that second process, which takes it once', async (signal) => {
  const never = new Promise<never>(() => {});
  const server = await startFakeServer({
    getRun: ({ query }) => (query.wait_seconds ? never : { status: 200, body: aRun() }),
  });
  const waiting = startCli(['wait', '--run-id=run_1', '--server', server.url], { nodeArgs: asNode20 });
  await waiting.said('stdout', /queued/);
  waiting.process.kill(signal);
  expect(await waiting.ended).toMatchObject({ code: 130, signal: null });
});

test('says in one sentence that Node is too old where there is no newer one', async () => {
  const folder = folderWith({ 'package.json': '{"type": "module", "version": "1.2.3"}' });
  mkdirSync(join(folder, 'cli'));
  cpSync(join(checkout, 'cli/qgjob.js'), join(folder, 'cli/qgjob.js'));
  const { code, stdout, stderr } = await qgjob(['--version'], {
    nodeArgs: asNode20,
    program: join(folder, 'cli/qgjob.js'),
  });
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'qgjob needs Node 22.19 or newer, and this is 20.20.2.\n',
  });
});

test('runs its build where it is installed as a package, since Node strips no types there', async () => {
  const folder = folderWith({
    'node_modules/qgjob/package.json': '{"type": "module", "version": "1.2.3"}',
    'node_modules/qgjob/build/cli/main.js':
      'export async function main(argv, io) { io.stdout.write(argv.join() + io.version); return 7; }',
  });
  const program = join(folder, 'node_modules/qgjob/cli/qgjob.js');
  cpSync(join(checkout, 'cli/qgjob.js'), program);
  expect(await qgjob(['a', 'b'], { program })).toMatchObject({ code: 7, stdout: 'a,b1.2.3', stderr: '' });
});

test('ends quietly when the reader of its output leaves', async () => {
  const running = startCli(['completion', 'bash']);
  running.process.stdout?.destroy();
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});
