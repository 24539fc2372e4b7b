import type { InstalledApp } from '../../contract/agent.ts';

/**
 * How tests find the app under test. `site`: it answers at an address. `package`: it is on the device under this name, from
 * this file on this machine. `uploaded`: a cloud holds it and puts it on the device itself.
 */
export type TestedApp =
  | { kind: 'site'; baseUrl: string }
  | { kind: 'package'; packageName: string; file: string }
  | { kind: 'uploaded'; url: string; version: string };

/** How an install went, for the install ledger. */
export interface Installation {
  /** False: another device had put the app where both find it. */
  made: boolean;
  /** What was out of the ordinary; null where nothing was. */
  remark: string | null;
}

export const asUsual: Installation = { made: true, remark: null };

/**
 * How apps get onto one device. The ledger decides whether an install is needed; a platform only ever does what it is told.
 */
export interface DevicePlatform {
  /**
   * Whether the device still has what the ledger says it holds: it may have been wiped, or given another build, beside the
   * agent. Asked before every job. @throws PreparationError when the device does not answer
   */
  confirms(app: InstalledApp): Promise<boolean>;
  /**
   * Puts the app's bytes on the device, in place of any other; with `anew` as on a device that never had it. An app without
   * bytes (`sha256` null) is nothing to install: the project brings it. @throws PreparationError, or the signal's reason
   */
  install(app: InstalledApp, signal: AbortSignal, options: { anew: boolean }): Promise<Installation>;
  /** The installed app as tests meet it; null where the project brings its own. */
  testedApp(): TestedApp | null;
  /** Told when work for the device begins, and when it is over: for what is stopped while idle. */
  setBusy?(busy: boolean): void;
  close(): Promise<void>;
}
