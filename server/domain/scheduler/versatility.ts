import { deviceFits } from '../grouping.ts';
import type { Device, Group } from '../model.ts';

/** What groups ask of a device. */
export type Kind = Pick<Group, 'target' | 'devices'>;
/** What a device is asked for. */
export type Capable = Pick<Device, 'target' | 'platform' | 'model' | 'osVersion' | 'labels'>;

/**
 * Devices in the order in which they are asked when several are free: those first that fit the fewest kinds of work, so that
 * the others stay free for what only they can do. Equal ones keep their order.
 */
export function leastVersatileFirst<T>(free: Iterable<T>, deviceOf: (one: T) => Capable, kinds: readonly Kind[]): T[] {
  return [...free]
    .map((one) => ({ one, fitted: kinds.filter((kind) => deviceFits(deviceOf(one), kind)).length }))
    .sort((a, b) => a.fitted - b.fitted)
    .map(({ one }) => one);
}

/** Of all kinds of work one each. */
export function distinctKinds<T extends Kind>(groups: Iterable<T>): Kind[] {
  return [...new Map([...groups].map((group) => [kindKey(group), group])).values()];
}

/** The same for the same kind, as it was written. */
export function kindKey({ target, devices }: Kind): string {
  return JSON.stringify([target, devices]);
}
