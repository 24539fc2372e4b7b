import type { DeviceSettings } from '../../settings.ts';

/**
 * Whether a device can work. `unfit`: it finishes what it runs and takes nothing more; `gone`: it cannot even finish. Neither
 * is for ever. `why` is for people.
 */
export type Presence = { state: 'ready' } | { state: 'unfit' | 'gone'; why: string };

export interface SeenDevice {
  settings: DeviceSettings;
  presence: Presence;
}

/** Something that knows which devices there are: adb, simctl, a cloud's plan. */
export interface DeviceSource {
  name: string;
  /**
   * Tells all its devices whenever anything about them changes, until `signal` aborts; one that is left out is gone. Never
   * rejects: a source that cannot be asked for long tells that nothing is there.
   */
  watch(tell: (seen: readonly SeenDevice[]) => void, signal: AbortSignal): Promise<void>;
}
