import type { InstalledApp } from '../../contract/agent.ts';

/**
 * How tests find the app under test. `site`: it answers at an address. `package`: it is on the device under this name, from
 * this file on this machine. `uploaded`: a cloud holds it and puts it on the device itself.
 */
export type TestedApp =
  | { kind: 'site'; baseUrl: string }
  | { kind: 'package'; packageName: string; file: string }
  | { kind: 'uploaded'; url: string };

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
  /** The installed app as tests meet it; null where the project brings its own. */
  testedApp(): TestedApp | null;
  close(): Promise<void>;
}
