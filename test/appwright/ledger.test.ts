import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAndroidHost } from '../../agent/android-environment.ts';
import { createAdb } from '../../agent/devices/adb/adb.ts';
import { createAndroidDevice } from '../../agent/devices/android.ts';
import { createDevice, ensureInstalled } from '../../agent/devices/device.ts';
import { openLedger } from '../../agent/devices/ledger.ts';
import { createSharing } from '../../agent/workspace/share.ts';
import { apk, sha256Of } from './support/bed.ts';
import { type Lab, openLab } from './support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab([]);
});
afterAll(() => lab.close());

const signal = new AbortController().signal;
const unused = { execute: () => Promise.reject(new Error('no test runs here')) };

interface Build {
  version: string;
  bytes: Buffer;
}

/** Builds of one package that differ in their bytes, not in their version code. */
const builds: Build[] = ['v1', 'v2', 'v3'].map((version) => ({ version, bytes: apk(version) }));
/** The same of another signer, and of another package. */
const others: Build[] = [
  { version: 'v4', bytes: apk('v4', { signature: 'release' }) },
  { version: 'v5', bytes: apk('v5', { package: 'com.example.other' }) },
  { version: 'v6', bytes: apk('v6', { versionCode: 7 }) },
];

/** What an agent does for jobs on one device; `restart` as an agent that was killed and came back. */
async function workbench(serial: string) {
  const fake = lab.device(serial);
  const host = findAndroidHost(lab.android);
  const reports: { result: string; reason?: string | undefined }[] = [];
  async function start() {
    const platform = createAndroidDevice({
      client: lab.client,
      sharing: createSharing(),
      adb: createAdb({ program: host.adb, env: host.adbEnv }),
      serial,
      aapt: host.aapt,
      env: host.adbEnv,
      appsDir: join(lab.dir, 'apps'),
      packageFile: join(lab.dir, serial, 'package'),
    });
    const ledger = await openLedger(join(lab.dir, serial, 'ledger.json'));
    const equipped = { platform, executor: unused };
    return createDevice({ id: serial, target: 'emulator', platform: 'android' }, equipped, ledger);
  }
  let device = await start();
  const calls = {
    reportInstall: async (report: { result: string; reason?: string | undefined }) => void reports.push(report),
  };
  return {
    fake,
    reports,
    restart: async () => {
      device = await start();
    },
    /** Prepares the device for a job of `build`; the bytes a test would then meet. */
    async prepare(build: Build, anew = false): Promise<string | undefined> {
      const app_version = { org_id: 'acme', app_version_id: build.version, sha256: sha256Of(build.bytes), url: null };
      await ensureInstalled(device, { app_version }, calls, signal, { anew });
      const tested = device.platform.testedApp();
      return tested?.kind === 'package' ? fake.installed(tested.packageName)?.sha256 : undefined;
    },
  };
}

/** A generator of the same numbers in every run: xorshift. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

test('in 200 interleavings of builds with one version code, no test ever meets another build than its own', async () => {
  for (const { version, bytes } of [...builds, ...others]) await lab.register(version, bytes);
  const files = new Map<Build, string>();
  mkdirSync(join(lab.dir, 'beside'));
  for (const build of [...builds, ...others]) {
    files.set(build, join(lab.dir, 'beside', `${build.version}.apk`));
    writeFileSync(join(lab.dir, 'beside', `${build.version}.apk`), build.bytes);
  }
  const wrong: string[] = [];
  let installs = 0;
  const rounds = Array.from({ length: 200 }, (_, i) => i);
  // two at a time: a core for each
  await Promise.all([interleave(), interleave()]);

  async function interleave(): Promise<void> {
    for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) await tryRound(round);
  }

  async function tryRound(round: number): Promise<void> {
    const random = randomFrom(20_261_123 + round);
    const serial = `emulator-${5554 + 2 * round}`;
    const bench = await workbench(serial);
    const story: string[] = [];
    for (let step = 0; step < 3; step++) {
      const build = [...builds, ...others][random(6)] ?? builds[0];
      const beside = builds[random(3)];
      const mishap = random(5);
      if (mishap === 0 && beside) bench.fake.install(files.get(beside) ?? '');
      if (mishap === 1) bench.fake.uninstall('com.example.wiki');
      if (mishap === 2) await bench.restart();
      if (!build) continue;
      const met = await bench.prepare(build);
      story.push(`${mishap} ${build.version}`);
      if (met !== sha256Of(build.bytes)) wrong.push(`${serial}: ${story.join(', ')}`);
    }
    installs += bench.reports.filter(({ result }) => result === 'installed').length;
  }
  expect(wrong).toEqual([]);
  // neither everything nor nothing was installed
  expect(installs).toBeGreaterThan(200);
  expect(installs).toBeLessThan(600);
});

test('every install, skip and new install is told with its reason', async () => {
  const [v1, v2] = builds;
  const [v4] = others;
  if (!v1 || !v2 || !v4) throw new Error('the builds are above');
  const bench = await workbench('reasons');
  await bench.prepare(v1);
  await bench.prepare(v1);
  await bench.prepare(v2);
  await bench.prepare(v4);
  await bench.prepare(v4, true);
  bench.fake.uninstall('com.example.wiki');
  await bench.prepare(v4);
  expect(bench.reports.map(({ result, reason }) => [result, reason])).toEqual([
    ['installed', 'Nothing is known to be on the device.'],
    ['already_installed', undefined],
    ['installed', 'The device held another app version.'],
    ['installed', 'The device held another app version. The old app was removed first (other signature).'],
    ['installed', 'The job asks for a new install.'],
    ['installed', 'The device no longer held the bytes that were installed.'],
  ]);
});

test('an older build replaces a newer one, and a full device makes room by losing the old app', async () => {
  const [v1] = builds;
  const older = others[2];
  if (!v1 || !older) throw new Error('the builds are above');
  const bench = await workbench('older');
  expect(await bench.prepare(v1)).toBe(sha256Of(v1.bytes));
  expect(await bench.prepare(older)).toBe(sha256Of(older.bytes));
  const small = await workbench('small');
  small.fake.change((state) => {
    state.capacityBytes = v1.bytes.length + 100;
  });
  await small.prepare(v1);
  const other = others[1];
  if (!other) throw new Error('the builds are above');
  expect(await small.prepare(other)).toBe(sha256Of(other.bytes));
});

test('a device that is gone or full fails the preparation as infrastructure, and says so', async () => {
  const [v1] = builds;
  if (!v1) throw new Error('the builds are above');
  const bench = await workbench('sick');
  bench.fake.change((state) => {
    state.capacityBytes = 10;
  });
  await expect(bench.prepare(v1)).rejects.toMatchObject({
    outcome: 'infra_error',
    message: expect.stringContaining('INSUFFICIENT_STORAGE'),
  });
  bench.fake.change((state) => {
    state.state = 'offline';
  });
  await expect(bench.prepare(v1)).rejects.toMatchObject({
    outcome: 'infra_error',
    message: expect.stringContaining('offline'),
  });
  expect(bench.reports.map(({ result }) => result)).toEqual(['failed', 'failed']);
});
