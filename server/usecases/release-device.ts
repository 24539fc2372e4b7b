import { noSuspicion } from '../domain/blame-matrix.ts';
import { notFound } from './authorise.ts';
import { change } from './changes.ts';
import type { Caller, Deps } from './deps.ts';
import { mustOwnAgent } from './fleet.ts';

/** A device that was set aside takes jobs again; nothing speaks against it any more. @throws DomainError `not_found` */
export async function releaseDevice(deps: Deps, caller: Caller, agentId: string, deviceId: string): Promise<void> {
  await change(deps, async ({ tx, workArrived }) => {
    await mustOwnAgent(tx, caller, agentId);
    const device = await tx.agents.findDevice(agentId, deviceId);
    if (!device) throw notFound('device', deviceId);
    await tx.agents.saveSuspicion({ ...device, suspicion: noSuspicion, suspectUntil: null });
    workArrived(device.target);
  });
}
