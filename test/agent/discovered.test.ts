import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { AgentSettings, DeviceSettings } from '../../agent/settings.ts';
import { fakeAdb } from './support/fake-adb.ts';
import { type Fleet, startFleet } from './support/fleet.ts';
import { temporaryFolder, writeFiles } from './support/project.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Passes, except on `emulator-5554`, where it never ends. */
const runner = `const [report, serial] = process.argv.slice(1);
  require('node:fs').writeFileSync(report, '<testsuite><testcase name="on ' + serial + '"/></testsuite>');
  if (serial === 'emulator-5554') { console.log('hanging'); setInterval(() => {}, 1000); }`;

function station(adb: ReturnType<typeof fakeAdb>): Partial<AgentSettings> {
  const command = { argv: [process.execPath, '-e', runner, '{report}', '{serial}'] as const };
  const known = ['emulator-5554', 'emulator-5556'].map(
    (id): DeviceSettings => ({
      id,
      target: 'emulator',
      platform: 'android',
      executor: 'command',
      command: { argv: [...command.argv] },
    }),
  );
  const projectDir = temporaryFolder();
  writeFiles(projectDir, { 'flows/a.yaml': '' });
  const watching = { lookMs: 500, awayMs: 500 };
  return { devices: [], projectDir, android: { sdkDir: adb.sdkDir, discover: true, known, watching } };
}

const states = async (fleet: Fleet) =>
  (await fleet.client.listDevices()).body.items.map(({ id, state }) => `${id} ${state}`).sort();

describe('an agent that watches adb', () => {
  test('begins without devices, serves one that appears, and gives its work back when it is unplugged', async () => {
    const adb = fakeAdb();
    const fleet = await startFleet({ leaseSeconds: 6 });
    await fleet.agent(station(adb));
    const [job] = await fleet.submit({ tests: ['flows/a.yaml'] });
    adb.plug({ 'emulator-5554': {} });
    await fleet.gate.until(({ path, body }) => path.endsWith('/log') && body.includes('hanging'));
    adb.plug({ 'emulator-5556': {} });
    const done = await fleet.completed(job);
    expect(done).toMatchObject({
      conclusion: 'passed',
      attempts: [{ device: 'emulator-5556' }],
    });
    const released = fleet.gate.seen.find(({ path }) => path.endsWith('/release'));
    expect(released?.body.toString()).toContain('The device has gone');
    await vi.waitFor(
      async () => expect(await states(fleet)).toEqual(['emulator-5554 offline', 'emulator-5556 idle']),
      10_000,
    );
  });

  test('that cannot watch does not start, and the server never hears of its other devices', async () => {
    const fleet = await startFleet();
    const sdkDir = temporaryFolder();
    writeFiles(sdkDir, { 'platform-tools/adb': '#!/bin/sh\necho no adb today >&2\nexit 1\n' });
    chmodSync(join(sdkDir, 'platform-tools/adb'), 0o755);
    const devices: DeviceSettings[] = [
      { id: 'cmd-1', target: 'device', platform: 'web', executor: 'command', command: { argv: ['true'] } },
    ];
    await expect(fleet.agent({ devices, android: { sdkDir, discover: true } })).rejects.toThrow('no adb today');
    expect(await states(fleet)).toEqual([]);
  });

  test('lets a device rest that lacks charge, and takes it in again when it has it', async () => {
    const adb = fakeAdb();
    const fleet = await startFleet({ leaseSeconds: 2 });
    await fleet.agent(station(adb));
    adb.plug({ 'emulator-5556': {} });
    await vi.waitFor(async () => expect(await states(fleet)).toEqual(['emulator-5556 idle']), 10_000);
    adb.plug({ 'emulator-5556': { battery: 3 } });
    await vi.waitFor(async () => expect(await states(fleet)).toEqual(['emulator-5556 unhealthy']), 10_000);
    const [low] = (await fleet.client.listDevices()).body.items;
    expect(low?.state_reason).toBe('its battery is at 3 %, and 15 % are needed.');
    const [job] = await fleet.submit({ tests: ['flows/a.yaml'] });
    const { body: why } = await fleet.client.explainJob({ params: { id: job.id } });
    expect(why.summary).toMatch(
      /^1 of 1 emulator device fits, but it takes no jobs now\. Pixel 8 \(emulator-5556\) takes no jobs since \S+ \S+ UTC: its battery is at 3 %, and 15 % are needed\.$/,
    );
    expect(why.suggestions).toEqual([expect.stringContaining('See to Pixel 8 (emulator-5556) beside agent lab-1')]);
    adb.plug({ 'emulator-5556': {} });
    expect((await fleet.completed(job)).conclusion).toBe('passed');
    // the next heartbeat says so
    await vi.waitFor(async () => {
      const [well] = (await fleet.client.listDevices()).body.items;
      expect(well?.state_reason).toBeNull();
    }, 10_000);
  });

  test('tells of a device that it may not use yet, and why, and serves it once it may', async () => {
    const adb = fakeAdb();
    const fleet = await startFleet({ leaseSeconds: 2 });
    adb.plug({ 'emulator-5556': { state: 'unauthorized' } });
    await fleet.agent(station(adb));
    await vi.waitFor(async () => expect(await states(fleet)).toEqual(['emulator-5556 offline']), 10_000);
    const [device] = (await fleet.client.listDevices()).body.items;
    expect(device?.state_reason).toBe('unauthorized: unlock it and allow this machine to debug it.');
    const [job] = await fleet.submit({ tests: ['flows/a.yaml'] });
    const { body: why } = await fleet.client.explainJob({ params: { id: job.id } });
    expect(why.summary).toContain('unauthorized: unlock it and allow this machine to debug it.');
    adb.plug({ 'emulator-5556': {} });
    expect((await fleet.completed(job)).conclusion).toBe('passed');
    await vi.waitFor(async () => {
      const { items } = (await fleet.client.listDevices()).body;
      expect(items).toMatchObject([{ model: 'Pixel 8', state_reason: null }]);
    }, 10_000);
  });

  test('says of a device that it cannot be equipped why', async () => {
    const adb = fakeAdb();
    const fleet = await startFleet({ leaseSeconds: 2 });
    const given = station(adb);
    const [known] = given.android?.known ?? [];
    const broken = { ...known, id: 'emulator-5556', executor: 'command', command: undefined } as DeviceSettings;
    await fleet.agent({ ...given, android: { ...given.android, known: [broken] } });
    adb.plug({ 'emulator-5556': {} });
    await vi.waitFor(async () => expect(await states(fleet)).toEqual(['emulator-5556 unhealthy']), 10_000);
    const [device] = (await fleet.client.listDevices()).body.items;
    expect(device?.state_reason).toBe('Device emulator-5556: the executor command needs a command.');
  });

  test('tells the server of its devices again when that has forgotten it', async () => {
    const adb = fakeAdb();
    const fleet = await startFleet({ leaseSeconds: 1 });
    const running = await fleet.agent(station(adb));
    adb.plug({ 'emulator-5556': {} });
    await vi.waitFor(async () => expect(await states(fleet)).toEqual(['emulator-5556 idle']), 10_000);
    const forgotten = running.agentId;
    fleet.gate.decide(({ path }) => (path.includes(forgotten) ? 'not_found' : 'pass'));
    await vi.waitFor(() => expect(running.agentId).not.toBe(forgotten), 10_000);
    const [job] = await fleet.submit({ tests: ['flows/a.yaml'] });
    expect((await fleet.completed(job)).conclusion).toBe('passed');
  });
});
