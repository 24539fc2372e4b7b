import { DomainError } from '../domain/errors.ts';
import type { Agent, Device, Group, Lease } from '../domain/model.ts';
import { chooseGroup } from '../domain/scheduler.ts';
import type { Tx } from '../store/store.ts';
import { notFound } from './authorise.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { endLease } from './end-lease.ts';
import { mustOwnAgent, onlineSince } from './fleet.ts';
import { once } from './once.ts';
import { loadOrgUse } from './org-use.ts';
import { takeJobs } from './take-jobs.ts';
import type { ClaimView } from './views.ts';

export interface ClaimInput {
  deviceId: string;
  /** One unless told: what is not taken stays free for other devices. */
  maxJobs: number | undefined;
}

/** Takes jobs of one group for a device; null when there is nothing for it now. @throws DomainError `not_found`, `agent_draining` */
export async function claim(
  deps: Deps,
  caller: Caller,
  agentId: string,
  input: ClaimInput,
  idempotency: Idempotency | null,
): Promise<ClaimView | null> {
  return change(deps, (changes) =>
    once(changes.tx, caller, idempotency, changes.now, async () => {
      const { tx } = changes;
      const agent = await mustOwnAgent(tx, caller, agentId);
      const device = await tx.agents.findDevice(agentId, input.deviceId);
      if (!device) throw notFound('device', input.deviceId);
      if (agent.command === 'drain')
        throw new DomainError('agent_draining', 'This agent was told to drain: finish and stop.');
      if (agent.command === 'pause' || device.state === 'unhealthy') return null;
      return take(deps, changes, agent, device, input.maxJobs ?? 1);
    }),
  );
}

/** The same, waiting up to `waitMs` for work. */
export async function claimOrWait(
  deps: Deps,
  caller: Caller,
  agentId: string,
  input: ClaimInput & { waitMs: number },
  idempotency: Idempotency | null,
  signal: AbortSignal,
): Promise<ClaimView | null> {
  const deadline = performance.now() + input.waitMs;
  const device = await deps.store.read((tx) => tx.agents.findDevice(agentId, input.deviceId));
  for (;;) {
    // listens before it looks, so that no job falls between the two
    const listening = new AbortController();
    const heard = device
      ? deps.signals.untilWorkArrives(
          device.target,
          deadline - performance.now(),
          AbortSignal.any([signal, listening.signal]),
        )
      : Promise.resolve(false);
    const claimed = await claim(deps, caller, agentId, input, idempotency).catch((error) => {
      listening.abort();
      throw error;
    });
    if (claimed) {
      listening.abort();
      return claimed;
    }
    if (!(await heard)) return null;
  }
}

async function take(
  deps: Deps,
  changes: Changes,
  agent: Agent,
  device: Device,
  maxJobs: number,
): Promise<ClaimView | null> {
  const { tx, now } = changes;
  const stale = await tx.leases.activeOfDevice(agent.id, device.id);
  // a device that asks for work has none: the answer that gave it this lease was lost on the way
  if (stale) await endLease(deps, changes, stale, 'released');
  // what was given back is to be seen by the choice
  await changes.flush();
  const group = await chooseLocked(deps, changes, agent, device);
  if (!group) return null;
  const lease: Lease = {
    id: deps.newId('lse'),
    token: deps.newToken(),
    agentId: agent.id,
    agentName: agent.name,
    deviceId: device.id,
    groupId: group.id,
    orgId: group.orgId,
    appVersionId: group.appVersionId,
    status: 'active',
    createdAt: now,
    expiresAt: now + deps.leaseMs,
    endedAt: null,
    install: null,
    installAttributed: false,
  };
  await tx.leases.insert(lease);
  const jobs = await takeJobs(changes, lease, group, device, maxJobs, deps.policy);
  const appVersion = (await tx.accounts.findAppVersion(group.orgId, group.appVersionId)) ?? null;
  return { lease, ttlMs: deps.leaseMs, appVersion, installRequired: !holds(device, group, appVersion?.sha256), jobs };
}

/** The scheduler's choice, locked; looked at again if another device emptied it meanwhile. */
async function chooseLocked(deps: Deps, changes: Changes, agent: Agent, device: Device): Promise<Group | null> {
  const { tx, now } = changes;
  const waiting = await tx.groups.waiting(device.target, agent.shared ? null : agent.orgId);
  if (waiting.length === 0) return null;
  const leases = await tx.leases.active();
  const orgs = await loadOrgUse(
    deps,
    tx,
    waiting.map((group) => group.orgId),
    leases,
    now,
  );
  const servedGroups = waiting.length > 1 ? await loadServedGroups(deps, tx, device, leases, now) : new Set<string>();
  for (let groups = waiting; groups.length > 0; ) {
    const choice = chooseGroup({ device, groups, orgs, servedGroups, policy: deps.policy, now });
    if (!choice) return null;
    const locked = await tx.groups.lock(choice.group.id);
    if (locked && locked.queued > 0) return locked;
    groups = groups.filter((group) => group.id !== choice.group.id);
  }
  return null;
}

/** Groups that another device drains: under a lease, or with its app installed and about to ask for more. */
async function loadServedGroups(
  deps: Deps,
  tx: Tx,
  device: Device,
  leases: readonly Lease[],
  now: number,
): Promise<Set<string>> {
  const served = new Set(leases.filter((lease) => !isOf(lease, device)).map((lease) => lease.groupId));
  for (const { agent, device: other } of await tx.agents.onlineDevices(onlineSince(deps, now))) {
    const drains = agent.command === null && (other.state === 'idle' || other.state === 'busy');
    const same = other.agentId === device.agentId && other.id === device.id;
    if (drains && !same && other.streakGroupId !== null) served.add(other.streakGroupId);
  }
  return served;
}

function isOf(lease: Lease, device: Device): boolean {
  return lease.agentId === device.agentId && lease.deviceId === device.id;
}

function holds(device: Device, group: Group, sha256: string | undefined): boolean {
  const { installed } = device;
  return (
    installed?.org_id === group.orgId &&
    installed.app_version_id === group.appVersionId &&
    installed.sha256 === (sha256 ?? null)
  );
}
