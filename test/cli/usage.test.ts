import { expect, test } from 'vitest';
import { commandGroups } from '../../cli/commands.ts';
import { qgjob } from './support/cli.ts';
import { startFakeServer } from './support/fake-server.ts';
import { aProject } from './support/project.ts';

const names = commandGroups.flatMap((group) => group.commands.map((command) => command.name));

test.each(names)('%s explains itself with an example', async (name) => {
  const { code, stdout, stderr } = await qgjob([name, '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`Usage: qgjob ${name}`);
  expect(stdout).toMatch(/Examples?:\n {2}\S/);
});

test('the help of a command is the same by either name', async () => {
  const [flag, command] = await Promise.all([qgjob(['submit', '--help']), qgjob(['help', 'submit'])]);
  expect(command).toEqual(flag);
});

test('the help lists every command', async () => {
  const { code, stdout } = await qgjob(['--help']);
  expect(code).toBe(0);
  for (const name of names) expect(stdout).toContain(`  ${name}`);
});

test('without a command it shows its help as an error', async () => {
  const { code, stdout, stderr } = await qgjob([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: qgjob');
});

const submit = ['submit', '--org-id=o', '--app-version-id=v', '--test=tests'];

test.each([
  ['an unknown command', ['sumbit'], /unknown command 'sumbit'[\s\S]*Did you mean submit/],
  [
    'an unknown flag',
    ['submit', '--tests=x'],
    /unknown option '--tests=x'[\s\S]*Did you mean --test\?[\s\S]*See 'qgjob submit --help'/,
  ],
  ['a missing flag', ['submit', '--org-id=o'], /--test is missing\.\nFor example: --test '/],
  ['no app version', ['submit', '--org-id=o', '--test=x'], /Which app version\?\nGive --app-version-id/],
  ['a bad target', [...submit, '--target=toaster'], /Allowed choices are emulator, device, browserstack/],
  ['a bad priority', [...submit, '--priority=11'], /0 to 9, or low, normal, high/],
  ['a bad duration', [...submit, '--timeout=soon'], /90s, 15m, 1h/],
  ['a bad number of retries', [...submit, '--retries=many'], /from 0 to 10/],
  [
    'a bad device',
    [...submit, '--device', 'colour=red'],
    /'colour' is unknown here; allowed are platform, model, os, label/,
  ],
  ['a bad device platform', [...submit, '--device', 'platform=palm'], /'platform' is one of android, ios, web/],
  ['a folder that does not exist', [...submit, '--project-dir=/nonexistent'], /There is no folder \/nonexistent/],
  ['a file without --wait', [...submit, '--junit=x.xml'], /--junit needs --wait/],
  ['no subject', ['status'], /Which run or job\?\nFor example: qgjob status --job-id/],
  ['two subjects', ['status', '--job-id=a', '--run-id=b'], /Name one run or one job/],
  ['a bad server URL', ['list', '--server', 'localhost:8080'], /'localhost:8080' is no server URL/],
  ['a bad output', ['list', '--output', 'yaml'], /Allowed choices are text, json, id/],
  ['a bad limit', ['list', '--limit=0'], /from 1 to 200/],
  ['an unknown shell', ['completion', 'tcsh'], /Known are bash, zsh and fish/],
  ['an agent device without id', ['agent', '--device', 'target=device,platform=web'], /'id' is missing/],
  ['a repository id that is a name', ['trust', 'add', '--repository-id=acme/shop'], /gh api repos\/OWNER\/NAME/],
  ['trust in nobody', ['trust', 'add', '--repository-id=1'], /--owner-id is missing\.\nFor example: qgjob trust add/],
  ['a role that no workflow gets', ['trust', 'add', '--role=admin'], /Allowed choices are submit, read/],
  ['an app of no known kind', ['apps', 'upload', 'app.exe'], /Add --platform android, ios or web/],
  ['an app that does not exist', ['apps', 'upload', '/nonexistent.apk'], /\/nonexistent\.apk does not exist/],
])('%s is exit 2 and told in a few lines', async (_, args, message) => {
  const { code, stdout, stderr } = await qgjob(args, {
    cwd: aProject(),
    env: { QGJOB_SERVER_URL: 'http://127.0.0.1:9' },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(4);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test('flags may come before the command, with a blank or with an equals sign', async () => {
  const server = await startFakeServer({ listRuns: () => ({ status: 200, body: { items: [], next_cursor: null } }) });
  const results = await Promise.all([
    qgjob([`--server=${server.url}`, 'list']),
    qgjob(['list', '--server', server.url]),
    qgjob(['list'], { env: { QGJOB_SERVER_URL: server.url } }),
  ]);
  for (const result of results) expect(result).toMatchObject({ code: 0, stdout: 'No runs.\n', stderr: '' });
});
