import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createSimulator } from '../../agent/devices/simulators/simulator.ts';
import { createSharing } from '../../agent/workspace/share.ts';
import { startFleet } from './support/fleet.ts';
import { temporaryFolder } from './support/project.ts';

/** `xcrun` and `plutil` as far as they are called, of which no Mac is needed: what simctl really does is not shown here. */
function fakeXcode() {
  const bin = temporaryFolder();
  const program = (name: string, body: string) => {
    writeFileSync(
      join(bin, name),
      `#!${process.execPath}\nconst fs = require('node:fs'), dir = ${JSON.stringify(bin)}; ${body}`,
    );
    chmodSync(join(bin, name), 0o755);
  };
  program('plutil', `console.log('com.example.shop')`);
  program(
    'xcrun',
    `const [, verb, ...args] = process.argv.slice(2); fs.appendFileSync(dir + '/calls', verb + '\\n');
     const file = dir + '/container';
     if (verb === 'install') fs.writeFileSync(file, '/containers/' + Math.random());
     if (verb === 'get_app_container') console.log(fs.readFileSync(file, 'utf8'));`,
  );
  const calls = () => readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n');
  return { env: { PATH: [bin, dirname(process.execPath)].join(delimiter) }, calls };
}

test('a simulator is booted, given the app, and known to hold it until another install', async () => {
  const fleet = await startFleet();
  const sha256 = await fleet.registerApp('v1', { 'Shop.app/Info.plist': 'x' });
  const app = { org_id: 'acme', app_version_id: 'v1', sha256 };
  const { env, calls } = fakeXcode();
  const deps = { client: fleet.client, sharing: createSharing(), udid: 'U', env, buildsDir: temporaryFolder() };
  const simulator = createSimulator(deps);
  const { signal } = new AbortController();
  expect(await simulator.confirms(app)).toBe(false);
  await simulator.install(app, signal, { anew: false });
  expect(calls()).toEqual(['bootstatus', 'install', 'get_app_container']);
  expect(simulator.testedApp()).toMatchObject({ kind: 'package', packageName: 'com.example.shop' });
  expect(await simulator.confirms(app)).toBe(true);
  await createSimulator(deps).install(app, signal, { anew: true });
  expect(calls()).toContain('uninstall');
  expect(await simulator.confirms(app)).toBe(false);
});
