import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createAdb } from '../../agent/devices/adb/adb.ts';
import { createAdbSource } from '../../agent/devices/discovery/adb-source.ts';
import type { SeenDevice } from '../../agent/devices/discovery/device-source.ts';
import { defaultFitness } from '../../agent/devices/discovery/fitness.ts';
import { takeMessages } from '../../agent/devices/discovery/track-devices.ts';
import type { DeviceSettings } from '../../agent/settings.ts';
import { fakeAdb } from './support/fake-adb.ts';

function watching(known: DeviceSettings[] = [], except: string[] = []) {
  const adb = fakeAdb();
  const env = { PATH: process.env.PATH ?? '' };
  const leaving = new AbortController();
  let seen: readonly SeenDevice[] = [];
  const source = createAdbSource({
    adb: createAdb({ program: adb.program, env }),
    program: adb.program,
    env,
    known,
    except: new Set(except),
    fitness: defaultFitness,
    lookMs: 300,
    awayMs: 800,
  });
  const watched = source.watch((told) => {
    seen = told;
  }, leaving.signal);
  onTestFinished(async () => {
    leaving.abort();
    await watched;
  });
  const until = (expected: unknown) =>
    vi.waitFor(() => expect(seen).toEqual(expected), { timeout: 10_000, interval: 20 });
  return { adb, until };
}

const seenAs = (serial: string, presence: unknown = { state: 'ready' }) => ({
  settings: expect.objectContaining({ id: serial, serial }),
  presence,
});

describe('devices that adb tracks', () => {
  test('are described by what they say of themselves, once they have booted', async () => {
    const { adb, until } = watching();
    adb.plug({ 'emulator-5554': {}, R5CR: { booted: false } });
    const emulator = { target: 'emulator', platform: 'android', model: 'Pixel 8', os_version: '14' };
    await until([
      { settings: { id: 'emulator-5554', serial: 'emulator-5554', ...emulator }, presence: { state: 'ready' } },
    ]);
    adb.plug({ 'emulator-5554': {}, R5CR: {} });
    await until([
      seenAs('emulator-5554'),
      { ...seenAs('R5CR'), settings: expect.objectContaining({ target: 'device' }) },
    ]);
  });

  test('are called what the settings call them, and some are left to others', async () => {
    const listed: DeviceSettings = { id: 'left', serial: 'R5CR', target: 'device', platform: 'android', labels: ['a'] };
    const { adb, until } = watching([listed], ['emulator-5554']);
    adb.plug({ 'emulator-5554': {}, R5CR: {} });
    await until([{ settings: { ...listed, model: 'Pixel 8', os_version: '14' }, presence: { state: 'ready' } }]);
  });

  test('are gone when unplugged, and not when away for a moment', async () => {
    const { adb, until } = watching();
    adb.plug({ R5CR: {} });
    await until([seenAs('R5CR')]);
    adb.plug({ R5CR: { state: 'offline' } });
    await until([seenAs('R5CR', { state: 'gone', why: expect.stringContaining('offline') })]);
    adb.plug({ R5CR: {} });
    await until([seenAs('R5CR')]);
    adb.plug({});
    await until([]);
  });

  test.each([
    ['unauthorized', 'allow this machine'],
    ['no permissions (user in plugdev group; are your udev rules wrong?)', 'udev'],
    ['recovery', 'adb calls it recovery'],
  ])('cannot be used while adb calls them %s', async (state, why) => {
    const { adb, until } = watching();
    adb.plug({ R5CR: { state } });
    await until([seenAs('R5CR', { state: 'gone', why: expect.stringContaining(why) })]);
  });

  test('rest while they lack charge or space', async () => {
    const { adb, until } = watching();
    adb.plug({ R5CR: { battery: 9 } });
    await until([seenAs('R5CR', { state: 'unfit', why: 'its battery is at 9 %, and 15 % are needed.' })]);
    adb.plug({ R5CR: { freeMiB: 100 } });
    await until([seenAs('R5CR', { state: 'unfit', why: 'it has 100 MiB free, and 1024 MiB are needed.' })]);
    adb.plug({ R5CR: {} });
    await until([seenAs('R5CR')]);
  });

  test('are tracked anew when the server of adb dies, and stay meanwhile', async () => {
    const { adb, until } = watching();
    adb.plug({ R5CR: {} });
    await until([seenAs('R5CR')]);
    adb.die();
    adb.plug({ R5CR: {}, R5CS: {} });
    await until([seenAs('R5CR'), seenAs('R5CS')]);
    expect(adb.trackings()).toBeGreaterThan(1);
  });
});

test('the stream of adb is taken apart wherever it is cut, and is not followed when it is none', () => {
  const text = 'R5CR\tdevice\n';
  const stream = Buffer.from(`* daemon started successfully\n000c${text}0000`);
  for (let cut = 0; cut <= stream.length; cut++) {
    const messages: string[] = [];
    const take = takeMessages((message) => messages.push(message));
    expect([take(stream.subarray(0, cut)), take(stream.subarray(cut))]).toEqual([true, true]);
    expect(messages).toEqual([text, '']);
  }
  expect(takeMessages(() => undefined)(Buffer.from('error: nothing'))).toBe(false);
});
