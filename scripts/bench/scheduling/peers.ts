import { deviceFits } from '../../../server/domain/grouping.ts';
import type { Group } from '../../../server/domain/model.ts';
import { isInstalled, type Scene, viewOf } from '../../../server/domain/scheduler/scene.ts';

export type Choose = (scene: Scene) => { group: Group } | null;

const best = (groups: readonly Group[], before: (a: Group, b: Group) => number): { group: Group } | null => {
  let found: Group | null = null;
  for (const group of groups) if (!found || before(group, found) < 0) found = group;
  return found && { group: found };
};
const older = (a: Group, b: Group) => a.headEnqueuedAt - b.headEnqueuedAt;

/** The oldest job first, whatever is installed: Selenium Grid, appium-device-farm. Play it jobs of one priority. */
export const fifo: Choose = (scene) => best(viewOf(scene).open, older);

export const priorityFifo: Choose = (scene) =>
  best(viewOf(scene).open, (a, b) => b.headPriority - a.headPriority || older(a, b));

/** One device owns an app version; one of each kind, where some of its tests fit no device of another. */
export const strict: Choose = (scene) => {
  const view = viewOf(scene);
  const home = best(
    view.open.filter((group) => isInstalled(scene.asking.device, group)),
    older,
  );
  return (
    home ??
    best(
      view.open.filter(
        (group) =>
          view.serving(group) === 0 &&
          !scene.workers.some(({ device }) => deviceFits(device, group) && isInstalled(device, group)),
      ),
      older,
    )
  );
};

/** One version at a time on all devices: Marathon's pools. */
export const batches: Choose = (scene) => {
  const view = viewOf(scene);
  const { target } = scene.asking.device;
  const others = scene.workers.filter((worker) => worker !== scene.asking && worker.device.target === target);
  const busy = others.find((worker) => worker.serves !== null)?.serves;
  if (!busy) return best(view.open, older);
  return best(
    view.open.filter((group) => group.orgId === busy.orgId && group.appVersionId === busy.appVersionId),
    older,
  );
};

/** Drain, else the group with most work. */
export const sticky: Choose = (scene) => {
  const view = viewOf(scene);
  const home = best(
    view.open.filter((group) => isInstalled(scene.asking.device, group)),
    older,
  );
  return home ?? best(view.open, (a, b) => b.workMs - a.workMs);
};
