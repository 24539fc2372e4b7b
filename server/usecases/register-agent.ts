import type { z } from 'zod';
import type { DeviceSpec, RegisterAgent } from '../../contract/agent.ts';
import { noSuspicion } from '../domain/blame-matrix.ts';
import type { Agent, Device } from '../domain/model.ts';
import type { Tx } from '../store/store.ts';
import { change } from './changes.ts';
import type { Caller, Deps, Idempotency } from './deps.ts';
import { viewOfAgent } from './fleet.ts';
import { once } from './once.ts';
import type { AgentView } from './views.ts';

/** An agent with its devices. Each start of an agent's process is an agent of its own, so that a name used twice harms nobody. */
export async function registerAgent(
  deps: Deps,
  caller: Caller,
  body: z.output<typeof RegisterAgent>,
  idempotency: Idempotency | null,
): Promise<AgentView> {
  return change(deps, (changes) =>
    once(changes.tx, caller, idempotency, changes.now, async () => {
      const agent: Agent = {
        id: deps.newId('agt'),
        orgId: caller.orgId,
        keyId: caller.keyId,
        shared: caller.orgId === null,
        name: body.name,
        labels: body.labels ?? [],
        command: null,
        registeredAt: changes.now,
        lastHeartbeatAt: changes.now,
      };
      const devices: Device[] = [];
      for (const spec of body.devices) devices.push(await newDevice(changes.tx, agent, spec, changes.now));
      await changes.tx.agents.insert(agent, devices);
      return viewOfAgent(agent, devices, changes.now, changes.now);
    }),
  );
}

/**
 * A device beside an agent, by its description; the agent's labels are its too. What spoke against it beside an earlier agent of
 * that name still does: a restart makes no device well.
 */
export async function newDevice(tx: Tx, agent: Agent, spec: DeviceSpec, now: number): Promise<Device> {
  const known = await tx.agents.lastKnownDevice(agent, spec.id);
  return {
    agentId: agent.id,
    id: spec.id,
    target: spec.target,
    platform: spec.platform,
    model: spec.model ?? null,
    osVersion: spec.os_version ?? null,
    labels: [...(spec.labels ?? []), ...agent.labels],
    state: 'idle',
    stateReason: null,
    stateChangedAt: now,
    installed: null,
    lastGroupId: null,
    turnStartedAt: null,
    helpedAt: null,
    nothingOfGroupId: null,
    suspicion: known?.suspicion ?? noSuspicion,
    suspectUntil: known?.suspectUntil ?? null,
  };
}
