import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../contract/client.ts';
import { type AndroidHost, findAndroidHost } from './android-environment.ts';
import { createAdb } from './devices/adb/adb.ts';
import { createAndroidDevice } from './devices/android.ts';
import type { DevicePlatform } from './devices/device-platform.ts';
import { createAdbSource } from './devices/discovery/adb-source.ts';
import type { DeviceSource } from './devices/discovery/device-source.ts';
import { defaultFitness } from './devices/discovery/fitness.ts';
import { trackDevices } from './devices/discovery/track-devices.ts';
import { createAvdDevice } from './devices/emulators/avd.ts';
import { createAppiumServer } from './executors/appium/appium-server.ts';
import { type Hub, startHub } from './executors/appium/hub.ts';
import { createAppwrightExecutor } from './executors/appwright/executor.ts';
import { childEnvironment, type Environment } from './executors/environment.ts';
import type { Executor } from './executors/executor.ts';
import type { StartRunner } from './processes/runner-process.ts';
import type { AgentSettings, DeviceSettings } from './settings.ts';
import type { WorkDir } from './work-dir.ts';
import type { Sharing } from './workspace/share.ts';

/** What all Android devices of one machine share: adb, Appium and the hub in front of it. */
export interface AndroidStation {
  /** The SDK and Java, for whatever runs tests here. */
  env: Environment;
  platformOf(device: DeviceSettings): DevicePlatform;
  /** Starts the hub, where it is the first. @throws Error when its port is taken */
  appwright(): Promise<Executor>;
  /** Every device that adb sees, as the settings call it. */
  source(): DeviceSource;
  close(): Promise<void>;
}

/** How often a device is looked at while adb tells of no change, and how long one may be away. */
const watching = { lookMs: 60_000, awayMs: 4000 };

export interface AndroidStationDeps {
  client: Client;
  sharing: Sharing;
  workDir: WorkDir;
  settings: Pick<AgentSettings, 'android' | 'devices' | 'log'>;
  startRunner: StartRunner;
  /** Marks and whatever the agent's owner gives to tests. */
  testEnvironment: Environment;
}

/** @throws Error when adb cannot be run */
export async function startAndroidStation(deps: AndroidStationDeps): Promise<AndroidStation> {
  const { client, sharing, workDir, settings, startRunner, testEnvironment } = deps;
  const host = findAndroidHost(settings.android ?? {});
  const adb = createAdb({ program: host.adb, env: host.adbEnv });
  // starts adb's daemon where none runs: started by a test it would carry that run's mark, and be killed with it
  await adb.list();
  const env = { ...host.env, ...testEnvironment };
  const leaving = new AbortController();
  // and starts it anew should it die: whoever watches for devices does so as well
  const alive = settings.android?.discover
    ? Promise.resolve()
    : trackDevices({ adb: host.adb, env: host.adbEnv, tell: () => undefined, signal: leaving.signal });
  const appiumFiles = workDir.temporaryDir('appium');
  let appium: Promise<RunningAppium> | undefined;

  return {
    env,
    platformOf(device) {
      const { avd } = device;
      const android = createAndroidDevice({
        client,
        sharing,
        adb,
        serial: serialOf(device),
        aapt: host.aapt,
        env: host.adbEnv,
        appsDir: workDir.cache.apps,
        packageFile: join(workDir.deviceDir(device.id), 'package'),
      });
      if (!avd) return android;
      const marked = childEnvironment(env);
      return createAvdDevice({ avd, emulator: host.emulator, env: marked, adb, device: android, log: settings.log });
    },
    async appwright() {
      await mkdir(appiumFiles, { recursive: true });
      appium ??= startAppium(host, { ...env, TMPDIR: appiumFiles }, settings);
      return createAppwrightExecutor({ startRunner, hub: (await appium).hub, env, cacheDir: workDir.cache.appwright });
    },
    source: () =>
      createAdbSource({
        adb,
        program: host.adb,
        env: host.adbEnv,
        known: settings.android?.known ?? [],
        except: new Set(settings.devices.filter(({ platform }) => platform === 'android').map(serialOf)),
        fitness: { ...defaultFitness, ...settings.android?.fitness },
        ...watching,
        ...settings.android?.watching,
      }),
    async close() {
      const running = await appium?.catch(() => undefined);
      await running?.hub.stop();
      await running?.server.close();
      leaving.abort();
      await alive;
      await rm(appiumFiles, { recursive: true, force: true });
    },
  };
}

/** What adb calls a device. */
function serialOf({ serial, id }: DeviceSettings): string {
  return serial ?? id;
}

interface RunningAppium {
  hub: Hub;
  server: ReturnType<typeof createAppiumServer>;
}

async function startAppium(
  host: AndroidHost,
  env: Environment,
  { android, log }: AndroidStationDeps['settings'],
): Promise<RunningAppium> {
  let hub: Hub | undefined;
  const server = createAppiumServer({
    program: host.appium,
    env: childEnvironment(env),
    ...(android?.healthMs ? { healthMs: android.healthMs } : {}),
    log,
    onDown: (message) => hub?.lost(message),
  });
  hub = await startHub(server, host.hubPort);
  return { hub, server };
}
