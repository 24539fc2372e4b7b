import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aMachine, type Machine, startServer } from './support/installation.ts';

/** A machine with a server that its environment does not name, and a file of an agent beside it. */
async function machineWithConfig(more = ''): Promise<Machine> {
  const machine = aMachine();
  const server = await startServer(machine);
  await machine.qgjob('orgs', 'create', 'o');
  const key = ['--org-id=o', '--role=agent', '--name=lab', '--shared', '--output=json'];
  const { stdout } = await machine.qgjob('keys', 'create', ...key);
  delete machine.env.QGJOB_SERVER_URL;
  machine.env.LAB_KEY = JSON.parse(stdout).key;
  const text = `
server: ${server.url}
api_key_env: LAB_KEY
name: from-file
work_dir: ../work-of-file
devices:
  - { id: web-1, target: emulator, platform: web, model: Pixel 7 }
${more}`;
  writeFileSync(join(machine.project, 'qgjob.agent.yaml'), text);
  return machine;
}

test('an agent is told all it needs by its file, flags win over that, and it runs jobs', async () => {
  const machine = await machineWithConfig();
  const agent = machine.start('agent', '--config=qgjob.agent.yaml', '--name=from-flag');
  const [, url = ''] = await agent.said('stdout', /serves (http\S+) with 1 device\./);
  machine.env.QGJOB_SERVER_URL = url;
  const submitted = ['submit', '--org-id=o', '--app-version-id=v', '--test=tests/adds.spec.ts', '--wait'];
  expect(await machine.qgjob(...submitted)).toMatchObject({ code: 0 });
  expect((await machine.qgjob('agents', 'list')).stdout).toMatch(/ from-flag +online /);
}, 120_000);

test('a file that cannot be used stops the agent and the doctor with every complaint at its line', async () => {
  const machine = await machineWithConfig('colour: red\nandroid: { min_battery_percent: 300 }\n');
  for (const command of ['agent', 'doctor']) {
    const { code, stdout, stderr } = await machine.qgjob(command, '--config=qgjob.agent.yaml');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/qgjob\.agent\.yaml:8: colour: there is no such setting\./);
    expect(stderr).toMatch(/qgjob\.agent\.yaml:9: android\.min_battery_percent: /);
  }
});

test("the doctor examines the file's server, key, folder and Android host", async () => {
  const machine = await machineWithConfig('android: { sdk: no-sdk, appium: no-appium.js }\n');
  const { code, stdout } = await machine.qgjob('doctor', '--config=qgjob.agent.yaml');
  expect(stdout).toMatch(/^✓ server: http:\S+ answers/m);
  expect(stdout).toMatch(/^✓ key: named by the configuration file: lab, role agent, every organisation/m);
  expect(stdout).toMatch(/^✓ disk: .* for .*work-of-file$/m);
  expect(stdout).toMatch(/^✓ runners: held by /m);
  expect(stdout).toMatch(/^✗ adb: /m);
  expect(stdout).toMatch(/^✗ appium: /m);
  expect(code).toBe(2);
}, 120_000);

test('the doctor examines Android also where the file only lists such a device', async () => {
  const machine = await machineWithConfig('  - { id: R5CR, target: device, platform: android }\n');
  const { stdout } = await machine.qgjob('doctor', '--config=qgjob.agent.yaml');
  expect(stdout).toMatch(/^[✓✗] adb: /m);
}, 120_000);
