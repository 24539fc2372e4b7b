import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAdb } from '../../agent/devices/adb/adb.ts';
import { asUsual, type DevicePlatform } from '../../agent/devices/device-platform.ts';
import { type AvdSettings, createAvdDevice } from '../../agent/devices/emulators/avd.ts';
import { fakeAdb } from './support/fake-adb.ts';
import { temporaryFolder } from './support/project.ts';

/** An `emulator` whose device adb sees while it lives; `emu kill` ends it, as the real one's console does. */
function lab(avd: Partial<AvdSettings> = {}, body = 'setInterval(() => {}, 1000);') {
  const adb = fakeAdb();
  const dir = temporaryFolder();
  const emulator = join(dir, 'emulator');
  const args = join(dir, 'args.json');
  writeFileSync(
    emulator,
    `#!${process.execPath}\nrequire('node:fs').writeFileSync(${JSON.stringify(args)}, JSON.stringify([process.pid, ...process.argv.slice(2)])); ${body}`,
  );
  chmodSync(emulator, 0o755);
  const done: string[] = [];
  const device: DevicePlatform = {
    confirms: async () => false,
    install: async () => {
      done.push('install');
      return asUsual;
    },
    testedApp: () => null,
    close: async () => undefined,
  };
  const env = { PATH: process.env.PATH ?? '' };
  const created = createAvdDevice({
    avd: { name: 'Pixel_8', port: 5554, snapshot: 'clean', ...avd },
    emulator,
    env,
    adb: createAdb({ program: adb.program, env }),
    device,
    log: () => undefined,
  });
  onTestFinished(() => created.close());
  const started = () => (existsSync(args) ? (JSON.parse(readFileSync(args, 'utf8')) as [number, ...string[]]) : null);
  const install = () =>
    created.install({ org_id: 'acme', app_version_id: 'v', sha256: null }, new AbortController().signal, {
      anew: false,
    });
  return { adb, created, done, started, install };
}

const lives = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('an emulator starts from its snapshot when there is work, has booted before the app is installed, and stops when idle', async () => {
  const { adb, created, done, started, install } = lab({ idleMs: 50 });
  expect(started()).toBeNull();
  created.setBusy?.(true);
  const installing = install();
  await vi.waitFor(() => expect(started()).not.toBeNull(), { timeout: 5000 });
  expect(started()?.slice(1)).toEqual(
    expect.arrayContaining(['-avd', 'Pixel_8', '-port', '5554', '-snapshot', 'clean', '-no-snapshot-save']),
  );
  expect(done).toEqual([]);
  adb.plug({ 'emulator-5554': {} });
  await installing;
  expect(done).toEqual(['install']);
  const pid = started()?.[0];
  adb.onKill('emulator-5554', pid);
  created.setBusy?.(false);
  await vi.waitFor(() => expect(lives(pid)).toBe(false), { timeout: 5000 });
});

test('an emulator that ends while it boots, or is not there, is a failure of the infrastructure', async () => {
  const { install } = lab({}, 'process.exit(1)');
  await expect(install()).rejects.toMatchObject({ outcome: 'infra_error', message: expect.stringContaining('ended') });
});

test('an emulator does not hear a Ctrl-C that is meant for its agent', async () => {
  const { adb, created, started, install } = lab();
  adb.plug({ 'emulator-5554': {} });
  await install();
  await vi.waitFor(() => expect(started()).not.toBeNull(), { timeout: 5000 });
  const pid = started()?.[0];
  adb.onKill('emulator-5554', pid);
  expect(Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }))).toBe(pid);
  await created.close();
  expect(lives(pid)).toBe(false);
});
