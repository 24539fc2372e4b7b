import { isSetAside } from '../domain/blame-matrix.ts';
import { isAtWork } from '../domain/device-rest.ts';
import { startingUse } from '../domain/fairness.ts';
import type { Agent, Device, Lease } from '../domain/model.ts';
import { asSeenByOthers, placeOf } from '../domain/retry-place.ts';
import type { OrgUse, Scene, Worker } from '../domain/scheduler/scene.ts';
import type { Tx } from '../store/store.ts';
import type { Deps } from './deps.ts';
import { onlineSince, withRecalled } from './fleet.ts';

/** The asking device. */
export interface Asking {
  agent: Agent;
  device: Device;
}

/** What the scheduler decides from for a device that is between two jobs: counters and devices, no jobs. */
export async function loadScene(deps: Deps, tx: Tx, { agent, device }: Asking, now: number): Promise<Scene> {
  const groups = await tx.groups.waiting(device.target, agent.shared ? null : agent.orgId);
  const leases = await tx.leases.active();
  const held = new Map(leases.map((lease) => [deviceKey(lease.agentId, lease.deviceId), lease]));
  const asking: Worker = {
    device,
    orgId: agent.shared ? null : agent.orgId,
    serves: null,
    place: placeOf(agent.name, device.id),
  };
  const workers = [asking];
  // alone, nobody else's devices matter
  const since = onlineSince(deps, now);
  for (const one of withRecalled(await tx.agents.onlineDevices(since), since, now)) {
    const { agent: other, device: theirs } = one;
    const isAsking = theirs.agentId === device.agentId && theirs.id === device.id;
    const takesPart = other.command === null && isAtWork(theirs) && !isSetAside(theirs, now);
    if (isAsking || !takesPart || theirs.target !== device.target) continue;
    const lease = held.get(deviceKey(theirs.agentId, theirs.id));
    const worker: Worker = {
      device: theirs,
      orgId: other.shared ? null : other.orgId,
      serves: lease ? { id: lease.groupId, orgId: lease.orgId, appVersionId: lease.appVersionId } : null,
      place: placeOf(other.name, theirs.id),
    };
    workers.push(asSeenByOthers(worker));
  }
  const others = leases.filter((lease) => lease.agentId !== device.agentId || lease.deviceId !== device.id);
  const orgIds = [...groups, ...others].map(({ orgId }) => orgId);
  const askingOrgId = held.get(deviceKey(device.agentId, device.id))?.orgId ?? null;
  const orgs = await loadOrgUse(deps, tx, orgIds, { leases, others, askingOrgId, now });
  return { now, groups, workers, asking, orgs, policy: deps.policy };
}

function deviceKey(agentId: string, deviceId: string): string {
  return `${agentId}\n${deviceId}`;
}

/** The same, where no device asks. */
export async function loadStanding(
  deps: Deps,
  tx: Tx,
  orgIds: Iterable<string>,
  leases: readonly Lease[],
  now: number,
): Promise<Map<string, OrgUse>> {
  return loadOrgUse(deps, tx, orgIds, { leases, others: leases, askingOrgId: null, now });
}

/** What each organisation has used and uses now; a lease that is open counts for as long as it has been. */
async function loadOrgUse(
  deps: Deps,
  tx: Tx,
  orgIds: Iterable<string>,
  {
    leases,
    others,
    askingOrgId,
    now,
  }: { leases: readonly Lease[]; others: readonly Lease[]; askingOrgId: string | null; now: number },
): Promise<Map<string, OrgUse>> {
  const uses = new Map<string, OrgUse>();
  for (const id of new Set(orgIds)) {
    const org = await tx.orgs.find(id);
    if (!org) continue;
    const openMs = leases
      .filter((lease) => lease.orgId === id)
      .reduce((sum, lease) => sum + Math.max(0, now - lease.createdAt), 0);
    const active = org.maxActiveJobs === null ? 0 : (await tx.groups.totals(id)).active;
    uses.set(id, {
      usageMs: org.usageMs + openMs,
      active: others.filter((lease) => lease.orgId === id).length,
      weight: org.weight,
      room: org.maxActiveJobs === null ? Number.POSITIVE_INFINITY : org.maxActiveJobs - active,
    });
  }
  return new Map(
    [...uses].map(([id, use]) => [id, { ...use, usageMs: startingUse(id, uses, deps.policy, askingOrgId) }]),
  );
}
