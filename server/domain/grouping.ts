import type { DeviceRequirement, Target } from '../../contract/words.ts';
import type { Device, Group } from './model.ts';

/**
 * The canonical name of a group. Two submissions get the same one exactly when the same devices will do for the same
 * organisation, app version and target: the order of alternatives, labels and keys, repeated ones and the case of a
 * model do not matter. JSON keeps it injective whatever characters the parts hold.
 */
export function groupKey(
  orgId: string,
  appVersionId: string,
  target: Target,
  devices: readonly DeviceRequirement[],
): string {
  const alternatives = new Set(devices.map(canonicalRequirement));
  return JSON.stringify([orgId, appVersionId, target, ...[...alternatives].sort()]);
}

function canonicalRequirement(requirement: DeviceRequirement): string {
  return JSON.stringify([
    requirement.platform ?? null,
    requirement.model?.toLowerCase() ?? null,
    requirement.os_version ?? null,
    ...new Set([...(requirement.labels ?? [])].sort()),
  ]);
}

/** Whether a device will do for a group: its target, and every property of at least one alternative. None given: any. */
export function deviceFits(
  device: Pick<Device, 'target' | 'platform' | 'model' | 'osVersion' | 'labels'>,
  group: Pick<Group, 'target' | 'devices'>,
): boolean {
  if (device.target !== group.target) return false;
  return group.devices.length === 0 || group.devices.some((requirement) => meets(device, requirement));
}

function meets(
  device: Pick<Device, 'platform' | 'model' | 'osVersion' | 'labels'>,
  { platform, model, os_version, labels }: DeviceRequirement,
): boolean {
  return (
    (platform === undefined || platform === device.platform) &&
    (model === undefined || model.toLowerCase() === device.model?.toLowerCase()) &&
    (os_version === undefined || isVersionWithin(device.osVersion, os_version)) &&
    (labels ?? []).every((label) => device.labels.includes(label))
  );
}

/** '14.2' and '14' lie within '14'; '140' and '13' do not. */
function isVersionWithin(version: string | null, wanted: string): boolean {
  return version === wanted || (version?.startsWith(`${wanted}.`) ?? false);
}

const isTarget = { emulator: true, device: true, browserstack: true } as const satisfies Record<Group['target'], true>;

/** Every kind of device that work may wait for. */
// safe because a key is missing or too many only where this does not compile
export const allTargets = Object.keys(isTarget) as Group['target'][];
