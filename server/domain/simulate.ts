import { chargeUsage, decayedUsage } from './fairness.ts';
import type { Device, Group } from './model.ts';
import type { Policy } from './policy.ts';
import { advanceStreak, chooseGroup, mayContinue, type OrgUse } from './scheduler.ts';

/** A job as the simulation knows it; times are milliseconds from the simulation's start. */
export interface SimulatedJob {
  id: string;
  groupId: string;
  priority: number;
  releaseMs: number;
  durationMs: number;
}

/** When and where a job ran. `startMs` is after the install, where one had to be made. */
export interface SimulatedStart {
  job: SimulatedJob;
  deviceId: string;
  takenMs: number;
  installed: boolean;
  startMs: number;
  endMs: number;
}

export interface Simulation {
  devices: readonly Device[];
  groups: readonly Pick<Group, 'id' | 'orgId' | 'appVersionId' | 'target' | 'devices'>[];
  jobs: readonly SimulatedJob[];
  policy: Policy;
  installMs: (group: Pick<Group, 'orgId' | 'appVersionId'>) => number;
}

interface Worker {
  device: Device;
  freeMs: number;
  group: Group | null;
  runningSinceMs: number;
}

/**
 * Plays jobs through the very functions the server decides with, one job at a time per device, and tells what ran when, in
 * the order of being taken. Jobs that no device fits are left out.
 */
export function simulate({ devices, groups, jobs, policy, installMs }: Simulation): SimulatedStart[] {
  const waiting = new Map(groups.map((group) => [group.id, [] as SimulatedJob[]]));
  const counters = new Map(groups.map((group) => [group.id, emptyGroup(group)]));
  const workers: Worker[] = devices.map((device) => ({ device, freeMs: 0, group: null, runningSinceMs: 0 }));
  const usage = new Map(groups.map((group) => [group.orgId, { usageMs: 0, usageAt: 0 }]));
  const arrivals = [...jobs].sort((a, b) => a.releaseMs - b.releaseMs);
  const starts: SimulatedStart[] = [];
  let arrived = 0;
  let now = 0;

  const open = () => [...counters.values()].filter((group) => group.queued > 0);
  const servedByOthers = (worker: Worker) =>
    new Set(workers.flatMap((other) => (other !== worker && other.group ? [other.group.id] : [])));

  const orgs = () =>
    new Map<string, OrgUse>(
      [...usage].map(([orgId, org]) => [
        orgId,
        {
          usageMs: decayedUsage(org, now, policy.usageHalfLifeMs),
          activeLeases: workers.filter((worker) => worker.group?.orgId === orgId).length,
          weight: 1,
          atLimit: false,
        },
      ]),
    );

  const take = (worker: Worker, group: Group) => {
    const queue = waiting.get(group.id) ?? [];
    const job = queue.shift();
    if (!job) return;
    refresh(group, queue);
    const { installed } = worker.device;
    const fresh = installed?.org_id !== group.orgId || installed.app_version_id !== group.appVersionId;
    const startMs = now + (fresh ? installMs(group) : 0);
    const endMs = startMs + job.durationMs;
    starts.push({ job, deviceId: worker.device.id, takenMs: now, installed: fresh, startMs, endMs });
    worker.device = {
      ...worker.device,
      ...advanceStreak(worker.device, group, 1, now),
      installed: { org_id: group.orgId, app_version_id: group.appVersionId, sha256: null },
    };
    worker.group = group;
    worker.runningSinceMs = now;
    worker.freeMs = endMs;
  };

  /** Charges the job that has ended, and keeps the lease only while its group may go on. */
  const settle = (worker: Worker): Group | null => {
    const { group, device } = worker;
    if (!group) return null;
    const org = usage.get(group.orgId) ?? { usageMs: 0, usageAt: 0 };
    usage.set(group.orgId, chargeUsage(org, now - worker.runningSinceMs, now, policy.usageHalfLifeMs));
    const goesOn =
      group.queued > 0 &&
      mayContinue({ device, group, others: open(), servedGroups: servedByOthers(worker), policy, now });
    worker.group = null;
    return goesOn ? group : null;
  };

  for (;;) {
    for (let job = arrivals[arrived]; job && job.releaseMs <= now; job = arrivals[++arrived]) {
      const queue = waiting.get(job.groupId);
      const group = counters.get(job.groupId);
      if (!queue || !group) continue;
      const place = queue.findIndex((other) => other.priority < job.priority);
      queue.splice(place < 0 ? queue.length : place, 0, job);
      refresh(group, queue);
    }
    for (const worker of workers) {
      if (worker.freeMs > now) continue;
      const group =
        settle(worker) ??
        chooseGroup({
          device: worker.device,
          groups: open(),
          orgs: orgs(),
          servedGroups: servedByOthers(worker),
          policy,
          now,
        })?.group;
      if (group) take(worker, group);
    }
    const next = Math.min(
      arrivals[arrived]?.releaseMs ?? Number.POSITIVE_INFINITY,
      ...workers.filter((worker) => worker.group).map((worker) => worker.freeMs),
    );
    if (next === Number.POSITIVE_INFINITY) return starts;
    now = Math.max(next, now);
  }
}

function emptyGroup(group: Simulation['groups'][number]): Group {
  return { ...group, queued: 0, active: 0, headPriority: 0, headEnqueuedAt: 0 };
}

function refresh(group: Group, queue: readonly SimulatedJob[]): void {
  group.queued = queue.length;
  group.headPriority = queue[0]?.priority ?? 0;
  group.headEnqueuedAt = queue[0]?.releaseMs ?? 0;
}
