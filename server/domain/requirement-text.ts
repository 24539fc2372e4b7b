import type { DeviceRequirement } from '../../contract/words.ts';
import type { Group } from './model.ts';

/** What a group asks of a device, in the words of `--target` and `--device`: `target=emulator platform=android os=14`. */
export function describeRequirements({ target, devices }: Pick<Group, 'target' | 'devices'>): string {
  const alternatives = devices.map(describe).filter((text) => text !== '');
  return [`target=${target}`, alternatives.join(' or ')].filter((text) => text !== '').join(' ');
}

function describe({ platform, model, os_version, labels }: DeviceRequirement): string {
  return [
    platform && `platform=${platform}`,
    model && `model=${model}`,
    os_version && `os=${os_version}`,
    ...(labels ?? []).map((label) => `label=${label}`),
  ]
    .filter(Boolean)
    .join(',');
}
