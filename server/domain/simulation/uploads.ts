import type { Device } from '../model.ts';
import { versionKey } from '../scheduler/scene.ts';
import type { SimulatedGroup, SimulatedStart } from './simulate.ts';

/**
 * The same starts with the installs that are really made: a cloud puts an app on any of its devices once it was uploaded, so of
 * a version that none of `devices` had on only the first start makes one.
 */
export function withUploads(
  starts: readonly SimulatedStart[],
  groups: readonly Pick<SimulatedGroup, 'id' | 'orgId' | 'appVersionId' | 'target'>[],
  devices: readonly Device[],
): SimulatedStart[] {
  const uploaded = new Set(
    devices.flatMap(({ target, installed }) =>
      target === 'browserstack' && installed
        ? [versionKey({ orgId: installed.org_id, appVersionId: installed.app_version_id })]
        : [],
    ),
  );
  const clouds = new Map(groups.filter(({ target }) => target === 'browserstack').map((group) => [group.id, group]));
  return starts.map((start) => {
    const group = clouds.get(start.job.groupId);
    if (!group || !start.installed) return start;
    const key = versionKey(group);
    const installed = !uploaded.has(key);
    uploaded.add(key);
    return { ...start, installed };
  });
}
