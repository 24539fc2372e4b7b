import type { DeviceSpec } from '../../contract/agent.ts';
import type { Caller, Deps } from './deps.ts';
import { mustOwnAgent } from './fleet.ts';
import { newDevice } from './register-agent.ts';

/**
 * Devices that appeared beside an agent. One that is known already keeps what is known of it and is described anew, so that
 * a device which comes back, or a request that is repeated, changes nothing else. @throws DomainError `not_found`
 */
export async function addDevices(
  deps: Deps,
  caller: Caller,
  agentId: string,
  specs: readonly DeviceSpec[],
): Promise<void> {
  const now = deps.now();
  await deps.store.transaction(async (tx) => {
    const agent = await mustOwnAgent(tx, caller, agentId);
    for (const spec of specs) {
      const device = await newDevice(tx, agent, spec, now);
      const known = await tx.agents.findDevice(agentId, spec.id);
      if (!known) await tx.agents.insertDevice(device);
      else {
        const { target, platform, model, osVersion, labels } = device;
        await tx.agents.saveDevice({ ...known, target, platform, model, osVersion, labels });
      }
    }
  });
}
