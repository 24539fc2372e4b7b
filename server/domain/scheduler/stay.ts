import type { Group } from '../model.ts';
import { firstOf } from './order.ts';
import { quotaOf } from './quota.ts';
import { installMsOf, isInstalled, type View, versionKey, workKey } from './scene.ts';

/**
 * The group a device leaves its installed one for, though that has work: null, so that it drains it, unless a group that no
 * device serves has the better claim and no other device frees up for it soon.
 */
export function rivalOf(view: View, home: Group): Group | null {
  const { policy } = view;
  const homeMs = installMsOf(home, policy);
  const others = view.open.filter((group) => !isInstalled(view.asking.device, group));
  const robbed = firstOf(
    view,
    others.filter((group) => hasTooFew(view, group, home)),
  );
  if (robbed) {
    const soonMs = policy.patientInstalls * (homeMs + installMsOf(robbed, policy));
    if (drainMs(view, home, true) > soonMs && freeWithin(view, robbed, soonMs) === 0) return robbed;
  }
  const unserved = others.filter((group) => view.serving(group) === 0);
  if (unserved.length === 0) return null;
  const urgent = firstOf(
    view,
    unserved.filter((group) => group.orgId === home.orgId && group.headPriority > home.headPriority),
  );
  if (urgent && freeWithin(view, urgent, policy.urgentInstalls * installMsOf(urgent, policy)) === 0) return urgent;
  const behind = firstOf(
    view,
    unserved.filter((group) => lagMs(view, group, home) > policy.usageToleranceMs),
  );
  if (behind) {
    const soonMs = policy.patientInstalls * (homeMs + installMsOf(behind, policy));
    if (freeWithin(view, behind, soonMs) === 0) return behind;
  }
  const equal = firstOf(
    view,
    unserved.filter((group) =>
      group.orgId === home.orgId
        ? group.headPriority === home.headPriority
        : view.useOf(group.orgId) <= view.useOf(home.orgId),
    ),
  );
  if (!equal) return null;
  const newcomerMs = installMsOf(equal, policy) + equal.workMs / quotaOf(view, equal);
  const ratio = drainMs(view, home, true) / newcomerMs;
  if (ratio < policy.drainRatio) return null;
  const before = ratio < policy.lineRatio ? 0 : lineBefore(unserved, equal);
  const soonMs = policy.patientInstalls * (homeMs + installMsOf(equal, policy));
  return freeWithin(view, equal, soonMs) <= before ? equal : null;
}

/** How much less device time a group's organisation has used than another's, by their weights. */
function lagMs(view: View, group: Pick<Group, 'orgId'>, other: Pick<Group, 'orgId'>): number {
  return view.useOf(other.orgId) - view.useOf(group.orgId);
}

/**
 * Whether a group's organisation is far behind and holds no more devices, and has work for one more. So it comes to hold one more
 * than the other: with as many it would never catch up, and what each overdue group costs it would add up.
 */
function hasTooFew(view: View, group: Group, home: Group): boolean {
  if (lagMs(view, group, home) <= view.policy.catchUpMs) return false;
  const [poor, rich] = [view.orgs.get(group.orgId), view.orgs.get(home.orgId)];
  // the asking device is one of the rich one's
  if (!rich || (poor?.active ?? 0) / (poor?.weight ?? 1) > (rich.active + 1) / rich.weight) return false;
  const eachMs = group.workMs / Math.max(1, view.serving(group));
  // the device that comes is one that has to be given back
  const bothMs = installMsOf(group, view.policy) + installMsOf(home, view.policy);
  return view.serving(group) > 0 && eachMs > view.policy.joinInstalls * bothMs;
}

/** How many other devices that fit the group have nothing left to drain within that time. */
function freeWithin(view: View, group: Group, soonMs: number): number {
  const waiting = new Map<string, Group[]>();
  for (const other of view.groups) {
    const key = versionKey(other);
    const known = waiting.get(key);
    if (known) known.push(other);
    else waiting.set(key, [other]);
  }
  return view.fitting(group).filter((worker) => {
    if (worker === view.asking) return false;
    const left = waiting.get(workKey(worker) ?? '') ?? [];
    // the job in progress is taken to be half through
    return left.reduce((sum, one) => sum + drainMs(view, one, false), view.policy.assumedJobMs / 2) <= soonMs;
  }).length;
}

/** How long the devices that serve a group need for what waits in it. */
function drainMs(view: View, group: Group, withAsking: boolean): number {
  return group.workMs / Math.max(1, view.serving(group) + Number(withAsking));
}

/** Unserved groups that would take a free device before this one does. */
function lineBefore(unserved: readonly Group[], group: Group): number {
  return unserved.filter((other) => comesBefore(other, group)).length;
}

function comesBefore(a: Group, b: Group): boolean {
  return a.headEnqueuedAt < b.headEnqueuedAt || (a.headEnqueuedAt === b.headEnqueuedAt && a.id < b.id);
}
