import { join } from 'node:path';
import { findAndroidHost } from './android-environment.ts';
import { createAdb } from './devices/adb/adb.ts';
import { createAndroidDevice } from './devices/android.ts';
import type { DevicePlatform } from './devices/device-platform.ts';
import type { EquipmentDeps } from './equipment.ts';
import { createAppiumServer } from './executors/appium/appium-server.ts';
import { type Hub, startHub } from './executors/appium/hub.ts';
import { createAppwrightExecutor } from './executors/appwright/executor.ts';
import { childEnvironment } from './executors/environment.ts';
import type { Executor } from './executors/executor.ts';
import type { DeviceSettings } from './settings.ts';

/** What all Android devices of one machine share: adb, Appium and the hub in front of it. */
export interface AndroidStation {
  platformOf(device: DeviceSettings): DevicePlatform;
  appwright: Executor;
  close(): Promise<void>;
}

/** @throws Error when adb cannot be run or the hub's port is taken */
export async function startAndroidStation(deps: EquipmentDeps): Promise<AndroidStation> {
  const { client, sharing, workDir, settings, testEnvironment } = deps;
  const host = findAndroidHost(settings.android ?? {});
  const adb = createAdb({ program: host.adb, env: host.adbEnv });
  // starts adb's daemon where none runs: started by a test it would carry that run's mark, and be killed with it
  await adb.list();
  const env = { ...host.env, ...testEnvironment };
  let hub: Hub | undefined;
  const appium = createAppiumServer({
    program: host.appium,
    env: childEnvironment(env),
    log: settings.log,
    onDown: (message) => hub?.lost(message),
  });
  const started = await startHub(appium, host.hubPort);
  hub = started;
  return {
    platformOf: (device) =>
      createAndroidDevice({
        client,
        sharing,
        adb,
        serial: device.serial ?? device.id,
        aapt: host.aapt,
        env: host.adbEnv,
        appsDir: workDir.cache.apps,
        packageFile: join(workDir.deviceDir(device.id), 'package'),
      }),
    appwright: createAppwrightExecutor({ hub: started, env }),
    async close() {
      await started.stop();
      await appium.close();
    },
  };
}
