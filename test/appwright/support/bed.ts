import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { AndroidSettings } from '../../../agent/settings.ts';
import { type FakeDevice, openDevice } from '../fake-uiautomator2/device.js';
import { type FakeAdb, fakeAdbProgram, startFakeAdb } from './fake-adb.ts';

/** Where this suite's own packages are: real AppWright, real Appium, the fake driver. */
export const bedDir = resolve(import.meta.dirname, '..');

export interface Bed {
  /** Gone after `close`; a real path. */
  dir: string;
  adb: FakeAdb;
  /** Plugs in a device. */
  device(serial: string, given?: { installMs?: number; capacityBytes?: number }): FakeDevice;
  /** How an agent finds all this. */
  android: AndroidSettings;
  /** What the fake driver needs to know; for `testEnvironment`. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/** A machine with an Android SDK, some devices and Appium: fake where the hardware would be, real everywhere else. */
export async function openBed(): Promise<Bed> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-bed-')));
  const devices = join(dir, 'devices');
  mkdirSync(devices);
  const adb = await startFakeAdb(devices);
  const sdk = join(dir, 'sdk');
  writeProgram(join(sdk, 'platform-tools/adb'), fakeAdbProgram(adb.port));
  writeProgram(join(sdk, 'build-tools/34.0.0/aapt'), aapt);
  writeProgram(join(sdk, 'emulator/emulator'), '#!/bin/sh\necho Pixel_7\n');
  return {
    dir,
    adb,
    device(serial, given = {}) {
      const device = openDevice(devices, serial);
      device.change((state) => Object.assign(state, given));
      return device;
    },
    android: {
      sdkDir: sdk,
      javaHome: '/usr',
      appium: join(bedDir, 'node_modules/appium/index.js'),
      appiumHome: appiumHome(join(dir, 'appium')),
      hubPort: 0,
    },
    env: { FAKE_DEVICES: devices },
    async close() {
      await adb.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Appium takes for drivers what its home names in its dependencies: the fake one alone, not the real ones AppWright brings. */
function appiumHome(dir: string): string {
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  const dependencies = { appium: '2.19.0', 'fake-uiautomator2': '0.1.0' };
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'appium-home', private: true, dependencies }));
  symlinkSync(join(bedDir, 'node_modules/appium'), join(dir, 'node_modules/appium'));
  symlinkSync(join(bedDir, 'fake-uiautomator2'), join(dir, 'node_modules/fake-uiautomator2'));
  return dir;
}

function writeProgram(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
}

/** `aapt dump badging FILE`, of a pretend APK. */
const aapt = `#!/usr/bin/env bash
read -r line < "$3"
[[ $line =~ ^\\<app\\ package=\\"([^\\"]*)\\"\\ versionCode=\\"([^\\"]*)\\" ]] || { echo "ERROR: dump failed" >&2; exit 1; }
echo "package: name='\${BASH_REMATCH[1]}' versionCode='\${BASH_REMATCH[2]}' versionName='1.0'"
echo "launchable-activity: name='\${BASH_REMATCH[1]}.MainActivity'  label='' icon=''"
`;

/** A pretend APK whose home screen shows `version`. Builds of one package may well share their version code. */
export function apk(
  version: string,
  given: { versionCode?: number; signature?: string; package?: string; attributes?: string } = {},
): Buffer {
  const { versionCode = 42, signature = 'debug', package: name = 'com.example.wiki', attributes = '' } = given;
  return Buffer.from(`<app package="${name}" versionCode="${versionCode}" signature="${signature}" ${attributes}>
  <screen id="splash"><android.widget.Button text="Skip" goto="home"/></screen>
  <screen id="home">
    <android.widget.TextView text="Version ${version}"/>
    <android.widget.EditText text="Search Wikipedia" resource-id="q"/>
  </screen>
</app>
`);
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An AppWright project of these files, with this suite's packages. */
export function appwrightProject(dir: string, files: Record<string, string>): string {
  const all = { 'package.json': '{"private":true}', 'appwright.config.ts': appwrightConfig, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  symlinkSync(join(bedDir, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

const appwrightConfig = `
import { defineConfig, Platform } from 'appwright';
export default defineConfig({
  use: { expectTimeout: 2000 } as never,
  projects: [
    { name: 'android', use: { platform: Platform.ANDROID, device: { provider: 'emulator' }, buildPath: process.env.BED_APK ?? 'app.apk' } },
    { name: 'phone', use: { platform: Platform.ANDROID, device: { provider: 'local-device' }, buildPath: process.env.BED_APK ?? 'app.apk' } },
    { name: 'cloud', use: { platform: Platform.ANDROID, device: { provider: 'browserstack', name: 'Google Pixel 8', osVersion: '14.0' }, buildPath: 'app.apk' } },
  ],
});
`;

/** A spec with one test that passes on a build of `version` only. */
export const seesVersion = (version: string) => `
import { expect, test } from 'appwright';
test('sees version ${version}', async ({ device }) => {
  await device.getByText('Skip').tap();
  await expect(device.getByText('Version ${version}', { exact: true })).toBeVisible();
});
`;
