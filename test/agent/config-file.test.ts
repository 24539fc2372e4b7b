import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigFileError, readConfigFile } from '../../agent/config/config-file.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';

const read = (text: string, environment: NodeJS.ProcessEnv = {}) => {
  const dir = temporaryFolder();
  writeFiles(dir, { 'qgjob.agent.yaml': text });
  return { dir, settings: readConfigFile(join(dir, 'qgjob.agent.yaml'), environment) };
};

const complaintsOf = async (text: string, environment?: NodeJS.ProcessEnv) => {
  const { dir, settings } = read(text, environment);
  const error = await settings.then(
    () => null,
    (caught) => caught,
  );
  expect(error).toBeInstanceOf(ConfigFileError);
  return error.complaints.map((complaint: string) => complaint.replace(`${dir}/`, ''));
};

const whole = `
server: https://qgjob.example.com
api_key_env: LAB_KEY
name: lab-1
labels: [berlin]
work_dir: work
devices:
  - { id: web-1, target: emulator, platform: web, model: Pixel 7 }
  - id: iphone
    target: device
    platform: ios
    serial: 00008110-X
    executor: command
    command:
      argv: [maestro, --device, '{serial}', test, --format, junit, --output, '{report}', '{test}']
android:
  sdk: /opt/android-sdk
  discover: true
  min_battery_percent: 30
  devices:
    - { id: left, serial: R5CR, target: device, platform: android, labels: [slow] }
browserstack:
  max_parallels: 5
  devices:
    - { name: Google Pixel 8, os_version: '14.0', platform: android }
`;

describe('a configuration file', () => {
  test('says all that flags say and more; its paths are relative to it, its secrets in the environment', async () => {
    const environment = { LAB_KEY: 'k', BROWSERSTACK_USERNAME: 'u', BROWSERSTACK_ACCESS_KEY: 's' };
    const { dir, settings } = read(whole, environment);
    expect(await settings).toMatchObject({
      serverUrl: 'https://qgjob.example.com',
      apiKey: 'k',
      labels: ['berlin'],
      workDir: join(dir, 'work'),
      devices: [
        { id: 'web-1', model: 'Pixel 7' },
        { id: 'iphone', executor: 'command' },
      ],
      android: { sdkDir: '/opt/android-sdk', discover: true, fitness: { minBattery: 30 }, known: [{ id: 'left' }] },
      browserstack: {
        username: 'u',
        accessKey: 's',
        maxParallels: 5,
        devices: [{ name: 'Google Pixel 8', osVersion: '14.0' }],
      },
    });
  });

  test('is complained about as a whole: every mistake at once, each with its line', async () => {
    const complaints = await complaintsOf(`
server: ftp://x
devices:
  - id: a
    target: phone
    platform: web
    executor: command
  - { id: b, target: browserstack, platform: android, colour: red }
api_key_env: NOT_SET
work-dir: x
`);
    expect(complaints).toEqual([
      'qgjob.agent.yaml:2: server: an address that begins with http:// or https://',
      'qgjob.agent.yaml:9: api_key_env: the environment variable NOT_SET is not set',
      expect.stringMatching(/^qgjob.agent.yaml:5: devices.0.target: /),
      'qgjob.agent.yaml:8: devices.1.colour: there is no such setting.',
      'qgjob.agent.yaml:8: devices.1.target: devices of BrowserStack are listed under browserstack',
      'qgjob.agent.yaml:10: work-dir: there is no such setting.',
    ]);
  });

  test.each([
    [
      'a placeholder nobody knows',
      `devices: [{ id: a, target: device, platform: ios, executor: command, command: { argv: [x, '{tset}'] } }]`,
      '{tset}',
    ],
    [
      'the command that is missing',
      'devices: [{ id: a, target: device, platform: ios, executor: command }]',
      'needs a command',
    ],
    [
      'a report that would take everything with it',
      `devices: [{ id: a, target: device, platform: ios, command: { argv: [x], report: './' } }]`,
      'of its own',
    ],
    [
      'devices that are called the same',
      'devices: [{ id: a, target: device, platform: ios }, { id: a, target: device, platform: ios }]',
      'must differ',
    ],
    [
      'one device that is listed twice',
      'devices: [{ id: a, target: device, platform: android, serial: R5CR }, { id: R5CR, target: device, platform: android }]',
      'one device',
    ],
    [
      'two emulators on one port',
      'devices: [{ id: a, target: emulator, platform: android, avd: { name: A, port: 5554 } }, { id: b, target: emulator, platform: android, avd: { name: B, port: 5554 } }]',
      'one device',
    ],
    ['no device at all', 'name: x', 'no device'],
    ['a file that is none', 'a: [1', 'qgjob.agent.yaml:1'],
    ['a key twice', 'name: a\nname: b', 'qgjob.agent.yaml:2'],
    ['aliases that grow without end', `a: &a [x]\nb: &b [*a, *a]\n${'c: [*b]\n'}`, 'no such setting'],
  ])('is refused for %s', async (_, text, why) => {
    expect((await complaintsOf(text)).join('\n')).toContain(why);
  });
});
