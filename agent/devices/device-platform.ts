import type { InstalledApp } from '../../contract/agent.ts';

/**
 * How apps get onto one device. The ledger decides whether an install is needed; a platform only ever does what it is told.
 */
export interface DevicePlatform {
  /** Whether the device still has what the ledger says it holds: a device may have been wiped beside the agent. */
  confirms(app: InstalledApp): Promise<boolean>;
  /**
   * Puts the app's bytes on the device, in place of any other. An app without bytes (`sha256` null) is nothing to install:
   * the project brings it. @throws PreparationError, or the signal's reason
   */
  install(app: InstalledApp, signal: AbortSignal): Promise<void>;
  /** Where the installed app answers; null where there is nothing to open. */
  baseUrl(): string | null;
  close(): Promise<void>;
}
