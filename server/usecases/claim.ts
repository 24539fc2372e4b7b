import { DomainError } from '../domain/errors.ts';
import type { Agent, Device, Group, Job, Lease } from '../domain/model.ts';
import { shareOf } from '../domain/scheduler/batch.ts';
import { chooseGroup } from '../domain/scheduler/choose.ts';
import { isInstalled, type Scene } from '../domain/scheduler/scene.ts';
import type { Tx } from '../store/store.ts';
import { notFound } from './authorise.ts';
import { type Changes, change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { endLease } from './end-lease.ts';
import { mustOwnAgent, restsAside } from './fleet.ts';
import { type Asking, loadScene } from './load-scene.ts';
import { once } from './once.ts';
import { findHeads, roomLeft, takeJobs } from './take-jobs.ts';
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
      if (await restsAside(deps, tx, device, changes.now)) return null;
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
      ? deps.signals.untilWorkArrives(device, deadline - performance.now(), AbortSignal.any([signal, listening.signal]))
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
  if (stale) await endLease(changes, stale, 'released');
  // what was given back is to be seen by the choice
  await changes.flush();
  const chosen = await chooseLocked(deps, changes, { agent, device }, maxJobs);
  if (!chosen) return null;
  const { group, heads } = chosen;
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
  deps.stays.note(lease.id, now);
  const jobs = await takeJobs(changes, lease, { group, heads, device }, deps.policy);
  const appVersion = (await tx.accounts.findAppVersion(group.orgId, group.appVersionId)) ?? null;
  return { lease, ttlMs: deps.leaseMs, appVersion, installRequired: !holds(device, group, appVersion?.sha256), jobs };
}

/** The scheduler's choice, locked, with the jobs to take; looked at again if there is none to take any more. */
async function chooseLocked(
  deps: Deps,
  changes: Changes,
  asking: Asking,
  maxJobs: number,
): Promise<{ group: Group; heads: Job[] } | null> {
  const { tx, now } = changes;
  const scene = await loadScene(deps, tx, asking, now);
  for (let groups = scene.groups; groups.length > 0; ) {
    const choice = chooseGroup({ ...scene, groups });
    if (!choice) return null;
    const locked = await tx.groups.lock(choice.group.id);
    if (locked && locked.queued > 0) {
      const room = await roomLeft(tx, scene, locked.orgId);
      if (room <= 0) {
        groups = groups.filter(({ orgId }) => orgId !== locked.orgId);
        continue;
      }
      const heads = await findHeads(tx, scene, locked, Math.min(room, shareOf({ ...scene, groups }, locked, maxJobs)));
      if (heads.length > 0) {
        await setClockForward(tx, scene, locked.orgId);
        return { group: locked, heads };
      }
      await standAside(changes, asking, locked);
    }
    groups = groups.filter((group) => group.id !== choice.group.id);
  }
  return null;
}

/** A device that has a group's app on and may take none of its jobs leaves them to others, who may have to install it. */
async function standAside(changes: Changes, { agent, device }: Asking, group: Group): Promise<void> {
  // told once: of two groups in turn it would wake everyone, itself included, for ever
  if (!isInstalled(device, group) || device.nothingOfGroupId !== null) return;
  // as the store has it: the asking one may have been told of a lease that ended since
  const stored = await changes.tx.agents.findDevice(agent.id, device.id);
  if (stored) await changes.tx.agents.saveDevice({ ...stored, nothingOfGroupId: group.id });
  changes.workArrived(group.target);
}

/** An organisation that had no device starts its clock where the choice took it to stand. */
async function setClockForward(tx: Tx, { orgs }: Scene, orgId: string): Promise<void> {
  const use = orgs.get(orgId);
  const org = use?.active === 0 ? await tx.orgs.lock(orgId) : undefined;
  if (org && use && use.usageMs > org.usageMs) await tx.orgs.save({ ...org, usageMs: use.usageMs });
}

function holds(device: Device, group: Group, sha256: string | undefined): boolean {
  const { installed } = device;
  return (
    installed?.org_id === group.orgId &&
    installed.app_version_id === group.appVersionId &&
    installed.sha256 === (sha256 ?? null)
  );
}
