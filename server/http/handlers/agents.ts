import { addDevices } from '../../usecases/add-devices.ts';
import { claim, claimOrWait } from '../../usecases/claim.ts';
import type { Deps } from '../../usecases/deps.ts';
import { commandAgent, listAgents, listDevices } from '../../usecases/fleet.ts';
import { heartbeat } from '../../usecases/heartbeat.ts';
import { registerAgent } from '../../usecases/register-agent.ts';
import { releaseDevice } from '../../usecases/release-device.ts';
import { presentAgent, presentClaim, presentDevice, presentPage } from '../present-fleet.ts';
import type { Handlers } from '../request-context.ts';

/** Handlers of agents, their devices and their claims. */
export function agentHandlers(deps: Deps) {
  // three may be lost before a lease is
  const heartbeatSeconds = deps.leaseMs / 3000;
  return {
    async registerAgent({ body }, { caller, idempotency }) {
      const agent = await registerAgent(deps, caller, body, idempotency);
      return { status: 201, body: { agent: presentAgent(agent), heartbeat_seconds: heartbeatSeconds } };
    },
    async addDevices({ params, body }, { caller }) {
      await addDevices(deps, caller, params.id, body.devices);
      return { status: 204, body: undefined };
    },
    async listAgents({ query }, { caller }) {
      return { status: 200, body: presentPage(await listAgents(deps, caller, query), presentAgent) };
    },
    async listDevices({ query }, { caller }) {
      const items = await listDevices(deps, caller, query);
      return { status: 200, body: presentPage({ items, nextCursor: null }, presentDevice) };
    },
    async commandAgent({ params, body }, { caller }) {
      return { status: 200, body: presentAgent(await commandAgent(deps, caller, params.id, body.command)) };
    },
    async releaseDevice({ params }, { caller }) {
      await releaseDevice(deps, caller, params.id, params.device_id);
      return { status: 204, body: undefined };
    },
    async heartbeat({ params, body }, { caller }) {
      return { status: 200, body: await heartbeat(deps, caller, params.id, body) };
    },
    async claim({ params, body }, { caller, idempotency, waiting }) {
      const { device_id: deviceId, max_jobs: maxJobs, wait_seconds: waitSeconds = 0 } = body;
      const waitMs = waitSeconds * 1000;
      const claimed =
        waitMs === 0
          ? await claim(deps, caller, params.id, { deviceId, maxJobs }, idempotency)
          : await claimOrWait(deps, caller, params.id, { deviceId, maxJobs, waitMs }, idempotency, waiting());
      return claimed ? { status: 201, body: presentClaim(claimed) } : { status: 204, body: undefined };
    },
  } satisfies Partial<Handlers>;
}
