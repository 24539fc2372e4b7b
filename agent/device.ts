import type { Claim, InstalledApp } from '../contract/agent.ts';
import type { DeviceState } from '../contract/words.ts';
import type { DevicePlatform } from './devices/device-platform.ts';
import type { Executor } from './executors/executor.ts';
import type { LeaseCalls } from './lease-calls.ts';
import type { Ledger } from './ledger.ts';
import { PreparationError } from './preparation-error.ts';
import type { DeviceSettings } from './settings.ts';

/** After so many failures in a row that were the device's, it is unhealthy and rests. */
const maxStrikes = 3;

/** One device beside the agent, with what is on it. */
export interface Device {
  settings: DeviceSettings;
  platform: DevicePlatform;
  executor: Executor;
  ledger: Ledger;
  /** What the heartbeat says of it. */
  state(): DeviceState;
  setBusy(busy: boolean): void;
  /** The infrastructure failed (true) or worked (false): what tells a sick device from unlucky jobs. */
  strike(failed: boolean): void;
  /** It has rested: the next failure makes it unhealthy again. */
  rested(): void;
}

export function createDevice(
  settings: DeviceSettings,
  { platform, executor }: Pick<Device, 'platform' | 'executor'>,
  ledger: Ledger,
): Device {
  let busy = false;
  let strikes = 0;
  return {
    settings,
    platform,
    executor,
    ledger,
    state: () => (strikes >= maxStrikes ? 'unhealthy' : busy ? 'busy' : 'idle'),
    setBusy(value) {
      busy = value;
    },
    strike(failed) {
      strikes = failed ? strikes + 1 : 0;
    },
    rested() {
      strikes = Math.min(strikes, maxStrikes - 1);
    },
  };
}

/**
 * Makes sure that the device holds the lease's app, by an install where the ledger and the device do not both say so, and
 * tells the server which it was. @throws PreparationError when the install failed (told as well), or the signal's reason
 */
export async function ensureInstalled(
  device: Device,
  { app_version }: Pick<Claim, 'app_version'>,
  calls: Pick<LeaseCalls, 'reportInstall'>,
  signal: AbortSignal,
  options: { anew: boolean } = { anew: false },
): Promise<void> {
  const app: InstalledApp = {
    org_id: app_version.org_id,
    app_version_id: app_version.app_version_id,
    sha256: app_version.sha256,
  };
  const { ledger, platform } = device;
  if (!options.anew && ledger.holds(app) && (await platform.confirms(app))) {
    await ledger.record(app);
    return calls.reportInstall({ result: 'already_installed', sha256: app.sha256, duration_ms: 0 });
  }
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  try {
    await ledger.forget();
    await platform.install(app, signal);
    await ledger.record(app);
  } catch (error) {
    signal.throwIfAborted();
    const failure = asFailure(error);
    const reason = failure.message.slice(0, 4096);
    await calls.reportInstall({ result: 'failed', sha256: app.sha256, duration_ms: durationMs(), reason });
    throw failure;
  }
  await calls.reportInstall({
    result: 'installed',
    sha256: app.sha256,
    duration_ms: durationMs(),
    ...(app.sha256 === null
      ? { reason: 'No build is registered for this app version: the project brings the app.' }
      : {}),
  });
}

function asFailure(error: unknown): PreparationError {
  if (error instanceof PreparationError) return error;
  return new PreparationError('infra_error', `The app could not be installed: ${(error as Error).message}`, error);
}
