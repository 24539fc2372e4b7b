import type { Claim, InstalledApp } from '../../contract/agent.ts';
import { ProblemError } from '../../contract/client.ts';
import type { DeviceState } from '../../contract/words.ts';
import type { Executor } from '../executors/executor.ts';
import type { LeaseCalls } from '../lease/lease-calls.ts';
import { PreparationError } from '../preparation-error.ts';
import type { DeviceSettings } from '../settings.ts';
import type { DevicePlatform } from './device-platform.ts';
import type { Ledger } from './ledger.ts';

/** One device beside the agent, with what is on it. */
export interface Device {
  settings: DeviceSettings;
  platform: DevicePlatform;
  executor: Executor;
  ledger: Ledger;
  /** What the heartbeat says of it while it is there and well. */
  state(): DeviceState;
  setBusy(busy: boolean): void;
}

export function createDevice(
  settings: DeviceSettings,
  { platform, executor }: Pick<Device, 'platform' | 'executor'>,
  ledger: Ledger,
): Device {
  let busy = false;
  return {
    settings,
    platform,
    executor,
    ledger,
    state: () => (busy ? 'busy' : 'idle'),
    setBusy(value) {
      busy = value;
      platform.setBusy?.(value);
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
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  try {
    const cause = await causeOfInstall(device, app, options);
    if (cause === null) {
      await ledger.record(app);
      return await calls.reportInstall({ result: 'already_installed', sha256: app.sha256, duration_ms: 0 });
    }
    await ledger.forget();
    const { made, remark } = await platform.install(app, signal, options);
    await ledger.record(app);
    const reason = remark === null ? cause : `${cause} ${remark}`;
    const result = made ? 'installed' : 'already_installed';
    await calls.reportInstall({ result, sha256: app.sha256, duration_ms: durationMs(), reason });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProblemError) throw error;
    const failure = asFailure(error);
    const reason = failure.message.slice(0, 4096);
    await calls.reportInstall({ result: 'failed', sha256: app.sha256, duration_ms: durationMs(), reason });
    throw failure;
  }
}

/** Why the app has to be installed; null where ledger and device both say that the device holds these bytes. */
async function causeOfInstall(
  { ledger, platform }: Device,
  app: InstalledApp,
  { anew }: { anew: boolean },
): Promise<string | null> {
  if (app.sha256 === null && !ledger.holds(app))
    return 'No build is registered for this app version: the project brings the app.';
  if (anew) return 'The job asks for a new install.';
  if (!ledger.holds(app))
    return ledger.installed() === null
      ? 'Nothing is known to be on the device.'
      : 'The device held another app version.';
  return (await platform.confirms(app)) ? null : 'The device no longer held the bytes that were installed.';
}

function asFailure(error: unknown): PreparationError {
  if (error instanceof PreparationError) return error;
  return new PreparationError('infra_error', `The app could not be installed: ${(error as Error).message}`, error);
}
