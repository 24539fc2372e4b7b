import type { DeviceReport, Heartbeat, HeartbeatAnswer, InstalledApp } from '../../contract/agent.ts';
import type { Target } from '../../contract/words.ts';
import { asReason, inState, isAtWork } from '../domain/device-rest.ts';
import type { Device } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import type { Caller, Deps } from './deps.ts';
import { mustOwnAgent } from './fleet.ts';

/**
 * The agent lives. Every lease it names is renewed, unless it is lost; a lease it does not name is left to run out, so that
 * a device that fell silent beside a living agent gives its jobs back. @throws DomainError `not_found`
 */
export async function heartbeat(
  deps: Deps,
  caller: Caller,
  agentId: string,
  body: Heartbeat,
): Promise<HeartbeatAnswer> {
  const now = deps.now();
  const moved = new Set<Target>();
  const answer = await deps.store.transaction(async (tx): Promise<HeartbeatAnswer> => {
    const agent = await mustOwnAgent(tx, caller, agentId);
    await tx.agents.save({ ...agent, lastHeartbeatAt: now });
    const leases: HeartbeatAnswer['leases'] = [];
    for (const { id } of body.leases) {
      const active = await tx.leases.renew(id, agentId, now + deps.leaseMs);
      const held = active ? await tx.jobs.ofLease(id) : [];
      leases.push({
        id,
        status: active ? 'active' : 'lost',
        expires_in_ms: active ? deps.leaseMs : 0,
        cancel_job_ids: held.filter((job) => job.cancelRequested).map((job) => job.id),
      });
    }
    for (const told of body.devices) {
      const device = await tx.agents.findDevice(agentId, told.id);
      if (!device) continue;
      await saveIfChanged(tx, device, told, now);
      // what was left to this device is anyone's now, or it may take what it waits for
      if (isAtWork(told) !== isAtWork(device)) moved.add(device.target);
    }
    return { leases, command: agent.command };
  });
  for (const target of moved) deps.signals.workArrived(target);
  return answer;
}

async function saveIfChanged(tx: Tx, device: Device, told: DeviceReport, now: number): Promise<void> {
  // while a lease is open its install report is newer than a heartbeat that was on its way
  const leased = await tx.leases.activeOfDevice(device.agentId, device.id);
  const installed = leased ? device.installed : told.installed;
  const stateReason = isAtWork(told) ? null : asReason(told.reason);
  const sameState = told.state === device.state;
  if (sameState && stateReason === device.stateReason && sameApp(installed, device.installed)) return;
  await tx.agents.saveDevice({ ...inState(device, told.state, stateReason, now), installed });
}

function sameApp(a: InstalledApp | null, b: InstalledApp | null): boolean {
  if (a === null || b === null) return a === b;
  return a.org_id === b.org_id && a.app_version_id === b.app_version_id && a.sha256 === b.sha256;
}
