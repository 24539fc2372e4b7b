import type { DeviceSpec } from '../contract/agent.ts';
import { type Client, ProblemError, UnreachableError } from '../contract/client.ts';
import { backoffMs, pause } from './pause.ts';
import type { AgentSettings, DeviceSettings, Log } from './settings.ts';

/** This agent as the server knows it. */
export interface Registration {
  agentId(): string;
  heartbeatMs(): number;
  /** Registers anew when the server has forgotten `agentId`; once, however many ask. */
  renew(forgotten: string): Promise<void>;
  /** Tells the server of a device that appeared, trying for as long as it takes. @throws as `register` */
  announce(device: DeviceSettings, signal: AbortSignal): Promise<void>;
}

/**
 * Registers the agent and its devices, trying for `withinMs` while the server cannot be reached.
 * @throws UnreachableError, ProblemError when the server does not admit it, or the signal's reason
 */
export async function register(
  client: Client,
  settings: Pick<AgentSettings, 'name' | 'labels' | 'devices'>,
  { withinMs, signal, log }: { withinMs: number; signal: AbortSignal; log: Log },
): Promise<Registration> {
  const { name, labels } = settings;
  const devices = new Map(settings.devices.map((device) => [device.id, told(device)]));

  async function untilReached<T>(call: () => Promise<T>, deadlineMs: number, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof UnreachableError) || performance.now() > deadlineMs) throw error;
        log({ level: 'warn', message: `${error.message}; trying again` });
      }
      await pause(backoffMs(attempt), signal);
      signal.throwIfAborted();
    }
  }

  const registered = (deadlineMs: number) => {
    const body = { name, devices: [...devices.values()], ...(labels ? { labels } : {}) };
    return untilReached(async () => (await client.registerAgent({ body }, { signal })).body, deadlineMs, signal);
  };

  let current = await registered(performance.now() + withinMs);
  let renewing: Promise<void> | undefined;
  function renew(forgotten: string): Promise<void> {
    if (forgotten !== current.agent.id) return Promise.resolve();
    renewing ??= registered(Number.POSITIVE_INFINITY)
      .then((answer) => {
        log({
          level: 'warn',
          message: 'The server had forgotten this agent: it is registered anew',
          agent_id: answer.agent.id,
        });
        current = answer;
      })
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  }

  return {
    agentId: () => current.agent.id,
    heartbeatMs: () => current.heartbeat_seconds * 1000,
    renew,
    async announce(device, signal) {
      const spec = told(device);
      devices.set(device.id, spec);
      const params = { id: current.agent.id };
      const add = () => client.addDevices({ params, body: { devices: [spec] } }, { signal });
      await untilReached(add, Number.POSITIVE_INFINITY, signal).catch((error) => {
        if (!(error instanceof ProblemError) || error.code !== 'not_found') throw error;
        return renew(params.id);
      });
    },
  };
}

/** What the server is told of a device: not how this machine reaches it. */
function told({ id, target, platform, model, os_version, labels }: DeviceSettings): DeviceSpec {
  return {
    id,
    target,
    platform,
    ...(model === undefined ? {} : { model }),
    ...(os_version === undefined ? {} : { os_version }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** Whether the server refuses this agent's key: trying again cannot help. */
export function isNotAdmitted(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.status === 403);
}
