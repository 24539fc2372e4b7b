import type { Device, Group } from '../model.ts';
import type { Policy } from '../policy.ts';
import { isOverdue } from './overdue.ts';
import { isInstalled } from './scene.ts';

/** What a device remembers of its work once it has taken jobs of a group. */
export function atWork(
  device: Device,
  group: Group,
  { now, policy }: { now: number; policy: Policy },
): Pick<Device, 'lastGroupId' | 'turnStartedAt' | 'helpedAt'> {
  // an install that is under way has not been told yet
  const goesOn = isInstalled(device, group) || device.lastGroupId === group.id;
  return {
    lastGroupId: group.id,
    turnStartedAt: goesOn ? (device.turnStartedAt ?? now) : now,
    helpedAt: !goesOn && isOverdue({ now, policy }, group) ? now : device.helpedAt,
  };
}
