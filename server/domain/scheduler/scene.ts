import { deviceFits } from '../grouping.ts';
import type { Device, Group } from '../model.ts';
import type { Policy } from '../policy.ts';

/** What a group is to a device that serves it. */
export type Served = Pick<Group, 'id' | 'orgId' | 'appVersionId'>;

/** A device that takes part. */
export interface Worker {
  device: Device;
  /** Whose groups it takes; null: everyone's. */
  orgId: string | null;
  /** The group it has a lease of; null when it is free. */
  serves: Served | null;
  /** What attempts know it by: see domain/retry-place. */
  place?: string;
}

/** An organisation's share of the devices at this moment. */
export interface OrgUse {
  /** Device milliseconds on its clock, those of open leases included: see domain/fairness. */
  usageMs: number;
  /** Devices that it holds now. */
  active: number;
  weight: number;
  /** So many more jobs may it hold at once. */
  room: number;
}

/** Everything a decision is made from: counters, never jobs. */
export interface Scene {
  now: number;
  /** Groups with waiting jobs. */
  groups: readonly Group[];
  /** Every device that is online and at work; `asking` among them. */
  workers: readonly Worker[];
  /** The one that asks, between two jobs. */
  asking: Worker;
  /** An organisation that is not in it has used nothing. */
  orgs: ReadonlyMap<string, OrgUse>;
  policy: Policy;
}

/** A scene with what several rules ask for, counted once. */
export interface View extends Scene {
  /** Waiting groups that the asking device fits, of organisations below their limit. */
  open: readonly Group[];
  /** Other devices that fit the group and are at it: under a lease, or free with its app on, so that they will take it. */
  serving(group: Group): number;
  /** Of these, those under a lease. */
  holding(group: Group): number;
  /** Devices that fit the group, the asking one among them. */
  fitting(group: Group): readonly Worker[];
  /** Groups of its organisation that wait with a priority as high, itself included. */
  rivals(group: Group): number;
  /** What is due to its organisation of the devices, by the weights of all that wait: from 0 to 1. */
  share(group: Group): number;
  /** Device time the organisation has used by its weight, ms. */
  useOf(orgId: string): number;
}

export function viewOf(scene: Scene): View {
  const { asking, workers, orgs } = scene;
  const servers = new Map<string, Worker[]>();
  for (const worker of workers) {
    const key = worker === asking ? null : workKey(worker);
    if (key === null) continue;
    const known = servers.get(key);
    if (known) known.push(worker);
    else servers.set(key, [worker]);
  }
  // groups are many, what they ask of a device is seldom different
  const isShared = workers.every(({ orgId }) => orgId === null);
  const fits = new Map<string, readonly Worker[]>();
  const fitting = (group: Group) => {
    const asked = group.devices.length === 0 ? group.target : `${group.target}${JSON.stringify(group.devices)}`;
    const key = isShared ? asked : `${group.orgId}\n${asked}`;
    const known = fits.get(key);
    if (known) return known;
    const found = workers.filter((worker) => canTake(worker, group));
    fits.set(key, found);
    return found;
  };
  const serversOf = (group: Group) => (servers.get(versionKey(group)) ?? []).filter((worker) => canTake(worker, group));
  const target = asking.device.target;
  const open = scene.groups.filter(
    (group) =>
      group.queued > 0 && group.target === target && (orgs.get(group.orgId)?.room ?? 1) > 0 && canTake(asking, group),
  );
  const byOrg = Map.groupBy(open, ({ orgId }) => orgId);
  const weightOf = (orgId: string) => orgs.get(orgId)?.weight ?? 1;
  const weights = [...byOrg.keys()].reduce((sum, orgId) => sum + weightOf(orgId), 0);
  const rivals = new Map([...byOrg].map(([orgId, own]) => [orgId, countByPriority(own)]));
  return {
    ...scene,
    open,
    rivals: ({ orgId, headPriority }) => rivals.get(orgId)?.[headPriority] ?? 1,
    share: ({ orgId }) => weightOf(orgId) / Math.max(weights, weightOf(orgId)),
    serving: (group) => serversOf(group).length,
    holding: (group) => serversOf(group).filter(({ serves }) => serves !== null).length,
    fitting,
    useOf: (orgId) => {
      const org = orgs.get(orgId);
      return org ? org.usageMs / org.weight : 0;
    },
  };
}

/** Of each priority: how many groups have that or a higher one. */
function countByPriority(groups: readonly Group[]): number[] {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const { headPriority } of groups) {
    for (let priority = 0; priority <= headPriority; priority++) counts[priority] = (counts[priority] ?? 0) + 1;
  }
  return counts;
}

/** Whether the device may and can run the group's jobs. */
export function canTake({ device, orgId }: Worker, group: Group): boolean {
  return (orgId === null || orgId === group.orgId) && deviceFits(device, group);
}

/** What a device works on, or would first: the version it has a lease of or, free, that it has on. */
export function workKey({ serves, device: { installed } }: Worker): string | null {
  if (serves) return versionKey(serves);
  return installed && versionKey({ orgId: installed.org_id, appVersionId: installed.app_version_id });
}

/** Groups of one key are spared an install after one another. */
export function versionKey({ orgId, appVersionId }: Pick<Group, 'orgId' | 'appVersionId'>): string {
  return `${orgId}\n${appVersionId}`;
}

/** Whether the device can run the group without an install. */
export function isInstalled(device: Device, group: Pick<Group, 'id' | 'orgId' | 'appVersionId'>): boolean {
  if (device.installed === null) return device.lastGroupId === group.id;
  return device.installed.org_id === group.orgId && device.installed.app_version_id === group.appVersionId;
}

/** What an install of the group's app costs a device, ms: nothing where one upload serves every device. */
export function installMsOf(group: Group, policy: Policy): number {
  return group.target === 'browserstack' ? 0 : (group.installMs ?? policy.assumedInstallMs);
}
