import type { DevicePlatform } from '../devices/device-platform.ts';
import type { DeviceSource } from '../devices/discovery/device-source.ts';
import type { EquipmentDeps } from '../equipment.ts';
import type { Environment } from '../executors/environment.ts';
import type { Executor } from '../executors/executor.ts';
import type { BrowserstackSettings, DeviceSettings } from '../settings.ts';
import { createBrowserstackApi } from './api.ts';
import { createBrowserstackDevice } from './device.ts';
import { createBrowserstackExecutor } from './executor.ts';
import { createPlanSource } from './plan-source.ts';

/** How many parallels are offered at most, unless told. */
const defaultParallels = 25;
/** How long a job waits for a parallel that others took first. */
const patienceMs = 1_800_000;

/** One BrowserStack account, whose parallels all organisations this agent serves share. */
export interface BrowserstackStation {
  source: DeviceSource;
  /** For one of the source's devices; `runner` makes what runs tests there, of the environment with the credentials. */
  equip(
    device: DeviceSettings,
    runner: (env: Environment) => Executor,
  ): { platform: DevicePlatform; executor: Executor };
}

export function openBrowserstack(settings: BrowserstackSettings, deps: EquipmentDeps): BrowserstackStation {
  const { username, accessKey, devices, maxParallels = defaultParallels, pollMs = 15_000 } = settings;
  const api = createBrowserstackApi(settings);
  const busy = new Set<string>();
  const slots = Array.from({ length: maxParallels }, (_, i): DeviceSettings => {
    const { name, osVersion, platform, labels } = devices[i % devices.length] ?? devices[0];
    const described = { model: name, os_version: osVersion, ...(labels ? { labels } : {}) };
    return { id: `browserstack-${i + 1}`, target: 'browserstack', platform, ...described };
  });
  const { client, sharing, workDir } = deps;
  // the test runner asks for sessions itself, so it is the one child that has the key
  const credentials = { BROWSERSTACK_USERNAME: username, BROWSERSTACK_ACCESS_KEY: accessKey };
  return {
    source: createPlanSource({ api, slots, busy, pollMs, log: deps.settings.log }),
    equip(device, runner) {
      const kind = device.platform === 'ios' ? 'ios' : 'android';
      const platform = createBrowserstackDevice({
        api,
        client,
        sharing,
        appsDir: workDir.cache.apps,
        platform: kind,
      });
      const executor = createBrowserstackExecutor({
        api,
        device: platform,
        patienceMs,
        runner: runner(credentials),
      });
      return { platform, executor: counting(executor, device.id, busy) };
    },
  };
}

function counting(executor: Executor, id: string, busy: Set<string>): Executor {
  return {
    async execute(request, listener) {
      busy.add(id);
      try {
        return await executor.execute(request, listener);
      } finally {
        busy.delete(id);
      }
    },
  };
}
