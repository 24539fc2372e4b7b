import type { Group } from '../model.ts';
import { firstOf } from './order.ts';
import { overdueGroup } from './overdue.ts';
import { quotaOf } from './quota.ts';
import { installMsOf, isInstalled, type Scene, type View, viewOf } from './scene.ts';
import { rivalOf } from './stay.ts';

export interface Choice {
  group: Group;
  /** One phrase for the log. */
  because: string;
}

/** What the asking device does next: the group it takes a job of, or null when it had better stay free. */
export function chooseGroup(scene: Scene): Choice | null {
  const view = viewOf(scene);
  const late = overdueGroup(view, false);
  if (late) return { group: late, because: tooLate };
  const home = homeOf(view);
  if (!home) return chooseNew(view);
  const rival = rivalOf(view, home);
  if (!rival) return { group: home, because: 'its app version is installed' };
  const later = overdueGroup(view, true);
  if (later) return { group: later, because: tooLate };
  return { group: rival, because: 'no device serves it, and it has the better claim' };
}

const tooLate = 'it has waited too long for any device';

/** Of the groups that need no install, the highest priority, then the oldest. */
function homeOf({ open, asking }: View): Group | null {
  return open
    .filter((group) => isInstalled(asking.device, group))
    .reduce<Group | null>(
      (best, group) =>
        best && (best.headPriority - group.headPriority || group.headEnqueuedAt - best.headEnqueuedAt || 1) > 0
          ? best
          : group,
      null,
    );
}

function chooseNew(view: View): Choice | null {
  const wanting = firstOf(
    view,
    view.open.filter((group) => view.serving(group) < quotaOf(view, group)),
  );
  if (wanting) return { group: wanting, because: 'it is worth another device' };
  return joinLargest(view);
}

/** Where nobody is worth another device, the group with most work for each of its own, if that pays for the install. */
function joinLargest(view: View): Choice | null {
  let most: { group: Group; eachMs: number } | null = null;
  for (const group of view.open) {
    const eachMs = group.workMs / Math.max(1, view.serving(group));
    if (!most || eachMs > most.eachMs) most = { group, eachMs };
  }
  if (!most || most.eachMs <= view.policy.joinInstalls * installMsOf(most.group, view.policy)) return null;
  return { group: most.group, because: 'a free device shortens it by more than its install' };
}
