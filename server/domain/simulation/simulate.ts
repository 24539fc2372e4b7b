import { chargeUse, startingUse } from '../fairness.ts';
import type { Device, Group } from '../model.ts';
import type { Policy } from '../policy.ts';
import { chooseGroup } from '../scheduler/choose.ts';
import { isInstalled, type OrgUse, type Scene, type Worker } from '../scheduler/scene.ts';
import { atWork } from '../scheduler/turn.ts';
import { distinctKinds, leastVersatileFirst } from '../scheduler/versatility.ts';
import { createBacklog } from './backlog.ts';

/** A job as the simulation knows it; times are milliseconds from the simulation's start. */
export interface SimulatedJob {
  id: string;
  groupId: string;
  priority: number;
  releaseMs: number;
  durationMs: number;
  /** What the scheduler takes it to need. */
  estimateMs: number;
}

/** When and where a job ran. `startMs` is after the install, where one had to be made; `installed`: the device changed its app. */
export interface SimulatedStart {
  job: SimulatedJob;
  deviceId: string;
  takenMs: number;
  installed: boolean;
  startMs: number;
  endMs: number;
}

export type SimulatedGroup = Pick<Group, 'id' | 'orgId' | 'appVersionId' | 'target' | 'devices' | 'installMs'>;

export interface Simulation {
  devices: readonly Device[];
  groups: readonly SimulatedGroup[];
  jobs: readonly SimulatedJob[];
  policy: Policy;
  /** What an install really takes. */
  installMs: (group: Pick<Group, 'orgId' | 'appVersionId'>) => number;
  /** How organisations stand when it begins, leases included; as if they had used nothing, with no limit, unless told. */
  orgs?: ReadonlyMap<string, Pick<OrgUse, 'usageMs' | 'weight' | 'room'>>;
  /** Another scheduler, to compare with; the server's own unless told. */
  choose?: (scene: Scene) => { group: Group } | null;
  /** How a device stands when it begins: free and everyone's unless told. */
  begin?: (device: Device) => Pick<Machine, 'orgId' | 'serves' | 'freeMs'>;
  /** The simulation may end once this job is taken. */
  until?: string;
}

interface Machine extends Worker {
  freeMs: number;
  busySinceMs: number | null;
}

/**
 * Plays jobs through the very function the server decides with, one job at a time per device, and tells what ran when, in
 * the order of being taken. Jobs that no device fits are left out.
 */
export function simulate(simulation: Simulation): SimulatedStart[] {
  const { policy, installMs, choose = chooseGroup } = simulation;
  const backlog = createBacklog(simulation.groups);
  const inOrder = leastVersatileFirst(simulation.devices, (device) => device, distinctKinds(simulation.groups));
  const machines: Machine[] = inOrder.map((device) => {
    const { orgId, serves, freeMs } = simulation.begin?.(device) ?? { orgId: null, serves: null, freeMs: 0 };
    return { device, orgId, serves, freeMs, busySinceMs: serves === null ? null : 0 };
  });
  const standing = (orgId: string) => simulation.orgs?.get(orgId);
  const clocks = new Map(simulation.groups.map(({ orgId }) => [orgId, standing(orgId)?.usageMs ?? 0]));
  const arrivals = [...simulation.jobs].sort((a, b) => a.releaseMs - b.releaseMs);
  const starts: SimulatedStart[] = [];
  let arrived = 0;
  let now = 0;

  const holding = (orgId: string) =>
    machines.filter(({ busySinceMs, serves }) => busySinceMs !== null && serves?.orgId === orgId);

  // what is held at first takes none of the room that is left then
  const roomAtFirst = new Map(
    [...clocks.keys()].map((orgId) => [
      orgId,
      (standing(orgId)?.room ?? Number.POSITIVE_INFINITY) + holding(orgId).length,
    ]),
  );

  const uses = (asking: Machine): Map<string, OrgUse> => {
    const found = new Map<string, OrgUse>();
    for (const [orgId, usageMs] of clocks) {
      const openMs = holding(orgId).reduce((sum, { busySinceMs }) => sum + now - (busySinceMs ?? now), 0);
      const active = holding(orgId).length;
      found.set(orgId, {
        usageMs: usageMs + openMs,
        active,
        weight: standing(orgId)?.weight ?? 1,
        room: (roomAtFirst.get(orgId) ?? Number.POSITIVE_INFINITY) - active,
      });
    }
    for (const [orgId, use] of found)
      found.set(orgId, { ...use, usageMs: startingUse(orgId, found, policy, asking.serves?.orgId ?? null) });
    return found;
  };

  const take = (machine: Machine, chosen: Group, orgs: ReadonlyMap<string, OrgUse>) => {
    // as it was chosen: taking its head changes the counters
    const group = { ...chosen };
    const job = backlog.take(group.id);
    if (!job) return;
    if (holding(group.orgId).length === 0) clocks.set(group.orgId, orgs.get(group.orgId)?.usageMs ?? 0);
    const isCloud = group.target === 'browserstack';
    const fresh = !isInstalled(machine.device, group);
    const startMs = now + (fresh && !isCloud ? installMs(group) : 0);
    const endMs = startMs + job.durationMs;
    starts.push({ job, deviceId: machine.device.id, takenMs: now, installed: fresh, startMs, endMs });
    machine.device = {
      ...machine.device,
      ...atWork(machine.device, group, { now, policy }),
      installed: { org_id: group.orgId, app_version_id: group.appVersionId, sha256: null },
    };
    machine.serves = group;
    machine.busySinceMs = now;
    machine.freeMs = endMs;
  };

  /** What the device does now that it is free. */
  const ask = (machine: Machine) => {
    if (machine.busySinceMs !== null && machine.serves) {
      const { orgId } = machine.serves;
      clocks.set(orgId, chargeUse(clocks.get(orgId) ?? 0, now - machine.busySinceMs));
      machine.busySinceMs = null;
    }
    if (backlog.isEmpty()) {
      machine.serves = null;
      return;
    }
    const orgs = uses(machine);
    const scene = { now, groups: backlog.waiting(), workers: machines, asking: machine, orgs, policy };
    const choice = choose(scene);
    if (choice) take(machine, choice.group, orgs);
    else machine.serves = null;
  };

  for (;;) {
    for (let job = arrivals[arrived]; job && job.releaseMs <= now; job = arrivals[++arrived]) backlog.add(job);
    for (const machine of machines) if (machine.freeMs <= now) ask(machine);
    // a device that left its group may have made it worth one that stood aside: the server wakes those, too
    for (const machine of machines) if (machine.busySinceMs === null) ask(machine);
    if (simulation.until !== undefined && starts.some(({ job }) => job.id === simulation.until)) return starts;
    const next = Math.min(
      arrivals[arrived]?.releaseMs ?? Number.POSITIVE_INFINITY,
      ...machines.filter(({ busySinceMs }) => busySinceMs !== null).map(({ freeMs }) => freeMs),
    );
    if (next === Number.POSITIVE_INFINITY) return starts;
    now = Math.max(next, now);
  }
}
