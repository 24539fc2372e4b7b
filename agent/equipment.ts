import type { Client } from '../contract/client.ts';
import { type AndroidStation, startAndroidStation } from './android-station.ts';
import type { Browser } from './browser.ts';
import { type BrowserstackStation, openBrowserstack } from './browserstack/station.ts';
import type { DevicePlatform } from './devices/device-platform.ts';
import type { DeviceSource } from './devices/discovery/device-source.ts';
import { createSimulator } from './devices/simulators/simulator.ts';
import { createWebDevice } from './devices/web.ts';
import { createAppwrightCloudExecutor } from './executors/appwright/cloud-executor.ts';
import { createCommandExecutor } from './executors/command/executor.ts';
import { createTurns } from './executors/command/turns.ts';
import { childEnvironment, type Environment } from './executors/environment.ts';
import type { Executor } from './executors/executor.ts';
import { createPlaywrightExecutor } from './executors/playwright/executor.ts';
import type { StartRunner } from './processes/runner-process.ts';
import type { AgentSettings, DeviceSettings, ExecutorName } from './settings.ts';
import type { WorkDir } from './work-dir.ts';
import type { Sharing } from './workspace/share.ts';

/** What one device is worked with: how apps get onto it, and how tests run against it. */
export interface DeviceEquipment {
  platform: DevicePlatform;
  executor: Executor;
}

/** What this machine has for devices of every kind. */
export interface Equipment {
  /** @throws Error, which stops the agent's start, when this machine or the settings cannot serve the device */
  equip(device: DeviceSettings): Promise<DeviceEquipment>;
  /** What watches for devices that come and go. */
  sources(): Promise<DeviceSource[]>;
  /** Ends what the devices share; each platform is closed by its device's owner. */
  close(): Promise<void>;
}

export interface EquipmentDeps {
  client: Client;
  sharing: Sharing;
  workDir: WorkDir;
  settings: Pick<AgentSettings, 'android' | 'browserstack' | 'devices' | 'log'>;
  browser: (signal: AbortSignal) => Promise<Browser | null>;
  startRunner: StartRunner;
  /** Marks and whatever the agent's owner gives to tests. */
  testEnvironment: Environment;
}

/** Each device's platform tells how apps get onto it; its executor, unless the settings name one, follows from that. */
export function createEquipment(deps: EquipmentDeps): Equipment {
  const { client, sharing, workDir, startRunner, testEnvironment: moreEnvironment } = deps;
  const playwright = createPlaywrightExecutor({
    startRunner,
    browser: deps.browser,
    moreEnvironment,
    cacheDir: workDir.cache.playwright,
  });

  const turns = createTurns();

  let android: Promise<AndroidStation> | undefined;
  const androidStation = () => {
    android ??= startAndroidStation(deps);
    return android;
  };

  async function platformOf(device: DeviceSettings): Promise<DevicePlatform> {
    switch (device.platform) {
      case 'web':
        return createWebDevice({ client, sharing, buildsDir: workDir.cache.builds });
      case 'android':
        return (await androidStation()).platformOf(device);
      case 'ios':
        return createSimulator({
          client,
          sharing,
          udid: device.serial ?? device.id,
          env: childEnvironment(moreEnvironment),
          buildsDir: workDir.cache.builds,
        });
    }
  }

  async function commandEnvironment({ platform }: DeviceSettings): Promise<Environment> {
    return platform === 'android' ? { ...(await androidStation()).env, ...moreEnvironment } : moreEnvironment;
  }

  async function executorOf(device: DeviceSettings): Promise<Executor> {
    const name: ExecutorName = device.executor ?? (device.platform === 'web' ? 'playwright' : 'appwright');
    switch (name) {
      case 'playwright':
        return playwright;
      case 'appwright':
        return (await androidStation()).appwright();
      case 'command':
        if (!device.command) throw new Error(`Device ${device.id}: the executor command needs a command.`);
        return createCommandExecutor(device.command, await commandEnvironment(device), startRunner, turns);
    }
  }

  let browserstack: Promise<BrowserstackStation> | undefined;
  const browserstackStation = () => {
    const { browserstack: account, log } = deps.settings;
    if (account) browserstack ??= openBrowserstack(account, { client, sharing, workDir, log });
    return browserstack;
  };

  return {
    async equip(device) {
      if (device.target === 'browserstack') {
        const station = await browserstackStation();
        if (!station) throw new Error(`Device ${device.id}: the agent has no account of BrowserStack.`);
        return station.equip(device, (hub) =>
          createAppwrightCloudExecutor({
            startRunner,
            hub,
            env: moreEnvironment,
            cacheDir: workDir.cache.playwright,
          }),
        );
      }
      return { executor: await executorOf(device), platform: await platformOf(device) };
    },
    async sources() {
      const cloud = await browserstackStation();
      return [
        ...(deps.settings.android?.discover ? [(await androidStation()).source()] : []),
        ...(cloud ? [cloud.source] : []),
      ];
    },
    async close() {
      await (await android?.catch(() => undefined))?.close();
      await (await browserstack?.catch(() => undefined))?.close();
    },
  };
}
