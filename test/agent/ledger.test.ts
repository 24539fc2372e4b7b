import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDevice, ensureInstalled } from '../../agent/devices/device.ts';
import type { DevicePlatform } from '../../agent/devices/device-platform.ts';
import { openLedger } from '../../agent/devices/ledger.ts';
import type { Executor } from '../../agent/executors/executor.ts';
import type { InstalledApp } from '../../contract/agent.ts';
import { temporaryFolder } from './support/project.ts';

const sha = (digit: string) => digit.repeat(64);
const app = (given: Partial<InstalledApp> = {}): InstalledApp => ({
  org_id: 'acme',
  app_version_id: 'v1',
  sha256: sha('a'),
  ...given,
});
const signal = new AbortController().signal;

const unused: Executor = { execute: () => Promise.reject(new Error('no test runs here')) };

/** A device whose content is looked at, not believed. */
function fakeDevice({ fail = () => false, made = true }: { fail?: () => boolean; made?: boolean } = {}) {
  let content: string | null = null;
  const installs: (string | null)[] = [];
  const platform: DevicePlatform = {
    confirms: async ({ sha256 }) => content === sha256,
    async install({ sha256 }) {
      installs.push(sha256);
      content = null;
      if (fail()) throw new Error('no space on the device');
      content = sha256;
      return { made, remark: null };
    },
    testedApp: () => null,
    close: async () => undefined,
  };
  const wipe = () => {
    content = null;
  };
  return { platform, installs, content: () => content, wipe };
}

async function harness(file = join(temporaryFolder(), 'ledger.json'), fake = fakeDevice()) {
  const ledger = await openLedger(file);
  const device = createDevice(
    { id: 'd1', target: 'emulator', platform: 'web' },
    { platform: fake.platform, executor: unused },
    ledger,
  );
  const told: string[] = [];
  const calls = { reportInstall: async ({ result }: { result: string }) => void told.push(result) };
  const ensure = (given: InstalledApp, anew = false) =>
    ensureInstalled(device, { app_version: { ...given, url: null } }, calls, signal, { anew });
  return { file, ledger, device, fake, told, ensure };
}

describe('the install ledger', () => {
  test('installs once, and again only for other bytes', async () => {
    const { ensure, fake, told } = await harness();
    for (const digit of ['a', 'a', 'b', 'a']) {
      await ensure(app({ sha256: sha(digit) }));
      expect(fake.content()).toBe(sha(digit));
    }
    expect(told).toEqual(['installed', 'already_installed', 'installed', 'installed']);
  });

  test('counts an app that another device had put there as no install', async () => {
    const { ensure, told } = await harness(undefined, fakeDevice({ made: false }));
    await ensure(app({ sha256: sha('a') }));
    expect(told).toEqual(['already_installed']);
  });

  test('goes by the bytes, not by the id: the same id with other bytes is installed, other ids with the same bytes are not', async () => {
    const { ensure, told, ledger } = await harness();
    await ensure(app());
    await ensure(app({ sha256: sha('b') }));
    await ensure(app({ app_version_id: 'v1-copy', sha256: sha('b') }));
    await ensure(app({ org_id: 'other', sha256: sha('b') }));
    expect(told).toEqual(['installed', 'installed', 'already_installed', 'installed']);
    expect(ledger.installed()).toEqual(app({ org_id: 'other', sha256: sha('b') }));
  });

  test('tells versions without bytes apart by their id', async () => {
    const { ensure, told } = await harness();
    for (const app_version_id of ['v1', 'v1', 'v2']) await ensure(app({ app_version_id, sha256: null }));
    expect(told).toEqual(['installed', 'already_installed', 'installed']);
  });

  test('survives a restart, and trusts nothing after an install that was cut off or a file that is damaged', async () => {
    const first = await harness();
    await first.ensure(app());
    const second = await harness(first.file, first.fake);
    await second.ensure(app());
    expect(second.told).toEqual(['already_installed']);
    await second.ledger.forget(); // the install of another version begins, and the agent is killed
    const third = await harness(first.file, first.fake);
    await third.ensure(app());
    expect(third.told).toEqual(['installed']);
    writeFileSync(first.file, readFileSync(first.file, 'utf8').slice(0, 20));
    expect((await openLedger(first.file)).installed()).toBeNull();
  });

  test('does not believe itself when the device was wiped, or an install failed, or one anew is asked for', async () => {
    let failing = false;
    const { ensure, told, fake, ledger } = await harness(undefined, fakeDevice({ fail: () => failing }));
    await ensure(app());
    fake.wipe();
    await ensure(app());
    failing = true;
    await expect(ensure(app({ sha256: sha('b') }))).rejects.toThrow('no space on the device');
    expect(ledger.installed()).toBeNull();
    failing = false;
    await ensure(app());
    await ensure(app(), true);
    expect(told).toEqual(['installed', 'installed', 'failed', 'installed', 'installed']);
  });
});
