import { join } from 'node:path';
import type { Client } from '../../contract/client.ts';
import type { DevicePlatform } from '../devices/device-platform.ts';
import type { DeviceSource } from '../devices/discovery/device-source.ts';
import type { Executor } from '../executors/executor.ts';
import type { BrowserstackSettings, DeviceSettings, Log } from '../settings.ts';
import type { WorkDir } from '../work-dir.ts';
import type { Sharing } from '../workspace/share.ts';
import { addressesOf, authorizationOf, createBrowserstackApi } from './api.ts';
import { createBrowserstackDevice } from './device.ts';
import { createBrowserstackExecutor } from './executor.ts';
import { type CloudHub, startCloudHub } from './hub/hub.ts';
import { createSessionFiles } from './hub/session-files.ts';
import { createUpstream } from './hub/upstream.ts';
import { createPlanSource } from './plan-source.ts';

/** How many parallels are offered at most, unless told. */
const defaultParallels = 25;
/** How long a job waits for a parallel that others took first. */
const patienceMs = 1_800_000;

/** One BrowserStack account, whose parallels all organisations this agent serves share. */
export interface BrowserstackStation {
  source: DeviceSource;
  /** For one of the source's devices; `runner` makes what runs tests there, by the hub that has the key in its place. */
  equip(device: DeviceSettings, runner: (hub: CloudHub) => Executor): { platform: DevicePlatform; executor: Executor };
  /** Ends the sessions that are left. */
  close(): Promise<void>;
}

export interface BrowserstackStationDeps {
  client: Client;
  sharing: Sharing;
  workDir: WorkDir;
  log: Log;
}

/** Begins by ending what a killed agent left open there. */
export async function openBrowserstack(
  settings: BrowserstackSettings,
  deps: BrowserstackStationDeps,
): Promise<BrowserstackStation> {
  const { devices, maxParallels = defaultParallels, pollMs = 15_000, holdMs } = settings;
  const { client, sharing, workDir, log } = deps;
  const addresses = addressesOf(settings);
  const api = createBrowserstackApi({ ...settings, ...addresses });
  const hub = await startCloudHub({
    upstream: createUpstream({ ...addresses, authorization: authorizationOf(settings) }),
    api,
    files: createSessionFiles(join(workDir.path, 'browserstack-sessions')),
    log,
    holdMs,
  });
  const busy = new Set<string>();
  const slots = Array.from({ length: maxParallels }, (_, i): DeviceSettings => {
    const { name, osVersion, platform, labels } = devices[i % devices.length] ?? devices[0];
    const described = { model: name, os_version: osVersion, ...(labels ? { labels } : {}) };
    return { id: `browserstack-${i + 1}`, target: 'browserstack', platform, ...described };
  });
  return {
    source: createPlanSource({ api, slots, busy, ownSessions: hub.openSessions, pollMs, log }),
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
        runner: runner(hub),
      });
      return { platform, executor: counting(executor, device.id, busy) };
    },
    close: hub.stop,
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
