import type { AgentCommand } from '../../contract/words.ts';
import { isSetAside, recalled, whySetAside } from '../domain/blame-matrix.ts';
import { awayOf, isAtWork, restOf } from '../domain/device-rest.ts';
import type { Agent, Device } from '../domain/model.ts';
import { placeOf } from '../domain/retry-place.ts';
import type { Tx } from '../store/store.ts';
import { listedOrg, notFound } from './authorise.ts';
import type { Caller, Deps } from './deps.ts';
import { readCursor, writeCursor } from './list-work.ts';
import type { AgentView, DeviceView, Page } from './views.ts';

/** An agent silent for longer than a lease is offline. */
export function onlineSince(deps: Deps, now: number): number {
  return now - deps.leaseMs;
}

/** Whose agents a caller's jobs may run on: its own, and those that serve every organisation. */
export function serves(agent: Agent, orgId: string | null): boolean {
  return orgId === null || agent.shared || agent.orgId === orgId;
}

/** Whose jobs an agent takes; null: everyone's. */
export function servedBy(agent: Agent): string | null {
  return agent.shared ? null : agent.orgId;
}

/**
 * The same devices as claims see them: those that are set aside and take jobs all the same, as too many of their class would
 * rest, are not set aside.
 */
export function withRecalled<T extends { agent: Agent; device: Device }>(
  known: readonly T[],
  onlineSinceAt: number,
  now: number,
): T[] {
  const atWork = known
    .filter(({ agent, device }) => awayOf(agent, onlineSinceAt) === null && isAtWork(device))
    .map((entry) => ({ entry, device: entry.device, orgId: servedBy(entry.agent) }));
  const back = new Set([...recalled(atWork, now)].map(({ entry }) => entry));
  return known.map((entry) =>
    back.has(entry) ? { ...entry, device: { ...entry.device, suspectUntil: null } } : entry,
  );
}

/** Whether a device is set aside, and not recalled. */
export async function restsAside(deps: Deps, tx: Tx, device: Device, now: number): Promise<boolean> {
  if (!isSetAside(device, now)) return false;
  const since = onlineSince(deps, now);
  const seen = withRecalled(await tx.agents.onlineDevices(since), since, now);
  const own = seen.find((one) => one.device.agentId === device.agentId && one.device.id === device.id);
  return isSetAside(own?.device ?? device, now);
}

/** The caller's own agent. @throws DomainError `not_found` */
export async function mustOwnAgent(tx: Tx, caller: Caller, id: string): Promise<Agent> {
  const agent = await tx.agents.find(id);
  if (!agent || (caller.orgId !== null && agent.orgId !== caller.orgId)) throw notFound('agent', id);
  return agent;
}

/** Each start of an agent is an agent of its own: of a device that several had, only the latest counts. */
export function latestOfEach(known: readonly { agent: Agent; device: Device }[]): { agent: Agent; device: Device }[] {
  const latest = new Map<string, { agent: Agent; device: Device }>();
  for (const entry of known) {
    const key = JSON.stringify([entry.agent.orgId, placeOf(entry.agent.name, entry.device.id)]);
    const other = latest.get(key)?.agent;
    if (!other || entry.agent.registeredAt >= other.registeredAt) latest.set(key, entry);
  }
  return [...latest.values()];
}

/** Latest registered first. @throws DomainError `org_mismatch` */
export async function listAgents(
  deps: Deps,
  caller: Caller,
  query: { limit?: number | undefined; cursor?: string | undefined; org_id?: string | undefined },
): Promise<Page<AgentView>> {
  const limit = query.limit ?? 50;
  const offset = query.cursor === undefined ? 0 : readCursor(query.cursor);
  const orgId = listedOrg(caller, query.org_id);
  const now = deps.now();
  return deps.store.read(async (tx) => {
    const rows = await tx.agents.list(orgId, offset, limit + 1);
    const items: AgentView[] = [];
    for (const agent of rows.slice(0, limit)) items.push(await viewOf(deps, tx, agent, now));
    return { items, nextCursor: rows.length > limit ? writeCursor(offset + limit) : null };
  });
}

/** The devices of agents that are online. @throws DomainError `org_mismatch` */
export async function listDevices(
  deps: Deps,
  caller: Caller,
  query: { org_id?: string | undefined },
): Promise<DeviceView[]> {
  const orgId = listedOrg(caller, query.org_id);
  const now = deps.now();
  return deps.store.read(async (tx) => {
    const since = onlineSince(deps, now);
    const online = withRecalled(await tx.agents.onlineDevices(since), since, now);
    const leases = new Map((await tx.leases.active()).map((lease) => [`${lease.agentId} ${lease.deviceId}`, lease.id]));
    return online
      .filter(({ agent }) => serves(agent, orgId))
      .map(({ agent, device }) => ({
        device,
        agentName: agent.name,
        leaseId: leases.get(`${agent.id} ${device.id}`) ?? null,
        setAside: isSetAside(device, now) ? { ...whySetAside(device), until: device.suspectUntil ?? now } : null,
      }));
  });
}

/** Tells an agent, at its next heartbeat, to pause, to drain, or to go on. @throws DomainError `not_found` */
export async function commandAgent(
  deps: Deps,
  caller: Caller,
  id: string,
  command: AgentCommand | null,
): Promise<AgentView> {
  const now = deps.now();
  const { view, devices } = await deps.store.transaction(async (tx) => {
    const agent = { ...(await mustOwnAgent(tx, caller, id)), command };
    await tx.agents.save(agent);
    return { view: await viewOf(deps, tx, agent, now), devices: await tx.agents.devicesOf(id) };
  });
  // its own devices may take what waits, or what was left to them is anyone's now
  for (const target of new Set(devices.map((device) => device.target))) deps.signals.workArrived(target);
  return view;
}

/** @param since an agent silent since before then is offline */
export function viewOfAgent(agent: Agent, devices: readonly Device[], since: number, now: number): AgentView {
  const away = awayOf(agent, since);
  const atWork = devices.filter((device) => restOf({ device, agentName: agent.name, away }, now) === null);
  return {
    agent,
    online: agent.lastHeartbeatAt >= since,
    devices: devices.length,
    devicesAtWork: atWork.length,
  };
}

async function viewOf(deps: Deps, tx: Tx, agent: Agent, now: number): Promise<AgentView> {
  const devices = await tx.agents.devicesOf(agent.id);
  return viewOfAgent(agent, devices, onlineSince(deps, now), now);
}
