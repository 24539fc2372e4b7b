import { deviceFits } from './grouping.ts';
import type { Device, Group } from './model.ts';
import type { Policy } from './policy.ts';

/**
 * Which group a device drains next, decided when it asks, from the groups' counters alone.
 *
 * What it promises, H being a group that waits, that no other device serves, and whose organisation is not at its limit
 * (test/domain/scheduler-promises.test.ts holds it to this on random traces):
 *
 * 1. Nothing idles: a device that H fits gets work.
 * 2. Installs are kept: a device leaves its installed app version only when that has no work, or its streak is spent
 *    (`maxGroupJobs` jobs taken, or `maxGroupMs` passed since the first) and such an H of another version waits.
 * 3. Unfairness is bounded: while H waits, a device that fits it takes no job beyond a spent streak. The streak is the
 *    version's, over all its groups: see `advanceStreak`.
 * 4. Every streak that such a device begins while H waits begins with a group that comes before H: of an organisation
 *    with less weighted use or level with it, and there with a higher head priority, or with an older head. Only the
 *    groups of the version that a spent streak leaves stand back for that one turn.
 *
 * So within one organisation and one priority, where H's version has no other group, a device takes while H waits at most:
 * the jobs older than H's head, plus maxGroupJobs - 1 newer ones for each group that has such older jobs, plus one streak
 * (the one it was in, or the one that H itself yielded to). What arrives later cannot lengthen that. A higher priority
 * within the organisation can, by design.
 */

/** An organisation's device use at this moment, decayed already (domain/fairness). */
export interface OrgUse {
  usageMs: number;
  activeLeases: number;
  weight: number;
  /** It may hold no more jobs at once. */
  atLimit: boolean;
}

export interface ChooseInput {
  device: Device;
  /** Groups with waiting jobs; those that the device does not fit are passed over. */
  groups: readonly Group[];
  /** An organisation that is not in it has used nothing. */
  orgs: ReadonlyMap<string, OrgUse>;
  /** Ids of the groups that some other device holds a lease of. */
  servedGroups: ReadonlySet<string>;
  policy: Policy;
  now: number;
}

export interface Choice {
  group: Group;
  /** One phrase for the log. */
  because: string;
}

/** The group that `device` takes next; null when nothing waits that it may take. */
export function chooseGroup(input: ChooseInput): Choice | null {
  const { device, orgs, servedGroups, policy, now } = input;
  const open = input.groups.filter(
    (group) => group.queued > 0 && !orgs.get(group.orgId)?.atLimit && deviceFits(device, group),
  );
  const installed = open.filter((group) => isInstalled(device, group));
  if (installed.length === 0) return pick(open, input);
  const rivals = open.filter((group) => !isInstalled(device, group) && !servedGroups.has(group.id));
  if (rivals.length > 0 && isStreakSpent(device, policy, now)) {
    const rival = pick(rivals, input);
    return (
      rival && { ...rival, because: `another group waits after ${device.streakJobs} jobs of the installed version` }
    );
  }
  const group = first(installed, withinOrg(servedGroups));
  return group && { group, because: 'its app version is installed' };
}

/**
 * Whether a lease may take further jobs of its group: false once the device's streak is spent and another of `others`
 * waits that the device fits and nobody else serves. Leave groups of organisations at their limit out of `others`.
 */
export function mayContinue(input: {
  device: Device;
  group: Pick<Group, 'id'>;
  others: readonly Group[];
  servedGroups: ReadonlySet<string>;
  policy: Policy;
  now: number;
}): boolean {
  const { device, group, others, servedGroups, policy, now } = input;
  if (!isStreakSpent(device, policy, now)) return true;
  return !others.some(
    (other) => other.id !== group.id && other.queued > 0 && !servedGroups.has(other.id) && deviceFits(device, other),
  );
}

/**
 * The device's streak after it has taken `jobs` more jobs of `group`. It goes on while the group or the installed app
 * version stays the same: two groups of one version that took turns would otherwise shut out every other version.
 */
export function advanceStreak(
  device: Device,
  group: Pick<Group, 'id' | 'orgId' | 'appVersionId'>,
  jobs: number,
  now: number,
): Pick<Device, 'streakGroupId' | 'streakStartedAt' | 'streakJobs'> {
  const goesOn = device.streakGroupId !== null && (device.streakGroupId === group.id || isInstalled(device, group));
  return {
    streakGroupId: group.id,
    streakStartedAt: goesOn ? (device.streakStartedAt ?? now) : now,
    streakJobs: (goesOn ? device.streakJobs : 0) + jobs,
  };
}

/**
 * How many of up to `wanted` jobs a device may take at once, so that a batch does not run past the end of its streak. A
 * streak that goes on because nobody else waits has no end.
 */
export function batchSize(
  device: Device,
  group: Pick<Group, 'id' | 'orgId' | 'appVersionId'>,
  wanted: number,
  policy: Policy,
): number {
  const { streakJobs } = advanceStreak(device, group, 0, 0);
  const left = policy.maxGroupJobs - streakJobs;
  return Math.min(wanted, left > 0 ? left : policy.maxGroupJobs);
}

/** Whether the device can run the group without an install; where it tells of no app, the group it drained last counts. */
function isInstalled(device: Device, group: Pick<Group, 'id' | 'orgId' | 'appVersionId'>): boolean {
  if (device.installed === null) return device.streakGroupId === group.id;
  return device.installed.org_id === group.orgId && device.installed.app_version_id === group.appVersionId;
}

/** Whether the device has taken so many jobs of one app version, or for so long, that another group may have it. */
export function isStreakSpent(device: Device, policy: Policy, now: number): boolean {
  if (device.streakGroupId === null) return false;
  const lastedMs = now - (device.streakStartedAt ?? now);
  return device.streakJobs >= policy.maxGroupJobs || lastedMs >= policy.maxGroupMs;
}

/** Of the least used organisations, each with its own first group, the group that comes first among them. */
function pick(candidates: readonly Group[], { orgs, servedGroups, policy }: ChooseInput): Choice | null {
  const use = (group: Group) => weightedUse(orgs.get(group.orgId), policy);
  const leastMs = candidates.reduce((least, group) => Math.min(least, use(group)), Number.POSITIVE_INFINITY);
  const level = candidates.filter((group) => {
    const aheadMs = use(group) - leastMs;
    return aheadMs === 0 || aheadMs < policy.usageToleranceMs;
  });
  const leaders = new Map<string, Group>();
  const order = withinOrg(servedGroups);
  for (const group of level) {
    const leader = leaders.get(group.orgId);
    if (!leader || order(group, leader) < 0) leaders.set(group.orgId, group);
  }
  const group = first([...leaders.values()], betweenOrgs(servedGroups));
  if (!group) return null;
  const fewerOrgs = level.length < candidates.length;
  return {
    group,
    because: fewerOrgs ? 'its organisation has used the least device time' : 'first by priority and age',
  };
}

function weightedUse(org: OrgUse | undefined, policy: Policy): number {
  return org ? (org.usageMs + org.activeLeases * policy.assumedJobMs) / org.weight : 0;
}

type Order = (a: Group, b: Group) => number;

/** Higher priority, then unserved, then older, then by id. */
function withinOrg(servedGroups: ReadonlySet<string>): Order {
  const rest = betweenOrgs(servedGroups);
  return (a, b) => b.headPriority - a.headPriority || rest(a, b);
}

/** The same without priority: one organisation's urgency is no reason to make another wait. */
function betweenOrgs(servedGroups: ReadonlySet<string>): Order {
  const served = (group: Group) => Number(servedGroups.has(group.id));
  return (a, b) => served(a) - served(b) || a.headEnqueuedAt - b.headEnqueuedAt || (a.id < b.id ? -1 : 1);
}

function first(groups: readonly Group[], order: Order): Group | null {
  return groups.reduce<Group | null>((best, group) => (best && order(best, group) <= 0 ? best : group), null);
}
