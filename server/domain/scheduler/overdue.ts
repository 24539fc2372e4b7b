import type { Group } from '../model.ts';
import { installMsOf, isInstalled, type View } from './scene.ts';

/**
 * The oldest group that has waited too long without any device, if it is this device's turn to help: each device does so at
 * most once in `overdueEveryMs`, so that those who are late cannot stop everyone who is not, and not in the first `turnMs`
 * with a version that has work, unless it is leaving that anyway.
 */
export function overdueGroup(view: View, isLeaving: boolean): Group | null {
  const { asking, now, policy } = view;
  if (isWithin(asking.device.helpedAt, policy.overdueEveryMs, now)) return null;
  const isHome = view.open.some((group) => isInstalled(asking.device, group));
  if (isHome && !isLeaving && isWithin(asking.device.turnStartedAt ?? now, policy.turnMs, now)) return null;
  return view.open
    .filter((group) => isOverdue(view, group) && view.holding(group) === 0 && !isInstalled(asking.device, group))
    .reduce<Group | null>((oldest, group) => (oldest && comesBefore(oldest, group) ? oldest : group), null);
}

/** Whether an instant is no longer ago than that. One to come was noted before the clock was set back, and counts no more. */
function isWithin(at: number | null, ms: number, now: number): boolean {
  return at !== null && at <= now && now - at < ms;
}

/** Whether a group has waited so long that it goes before any other. */
export function isOverdue({ now, policy }: Pick<View, 'now' | 'policy'>, group: Group): boolean {
  const limitMs = Math.min(
    policy.overdueMs,
    Math.max(policy.overdueInstalls * installMsOf(group, policy), policy.overdueMs / 4),
  );
  return now - group.headEnqueuedAt >= limitMs;
}

function comesBefore(a: Group, b: Group): boolean {
  return a.headEnqueuedAt < b.headEnqueuedAt || (a.headEnqueuedAt === b.headEnqueuedAt && a.id < b.id);
}
