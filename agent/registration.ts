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
  const { name, labels, devices } = settings;
  const body = { name, devices: devices.map(told), ...(labels ? { labels } : {}) };

  async function registered(deadlineMs: number) {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await client.registerAgent({ body }, { signal })).body;
      } catch (error) {
        if (!(error instanceof UnreachableError) || performance.now() > deadlineMs) throw error;
        log({ level: 'warn', message: `${error.message}; trying again` });
      }
      await pause(backoffMs(attempt), signal);
      signal.throwIfAborted();
    }
  }

  let current = await registered(performance.now() + withinMs);
  let renewing: Promise<void> | undefined;
  return {
    agentId: () => current.agent.id,
    heartbeatMs: () => current.heartbeat_seconds * 1000,
    renew(forgotten) {
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
    },
  };
}

/** What the server is told of a device: not how this machine reaches it. */
function told({ serial: _serial, executor: _executor, ...spec }: DeviceSettings): DeviceSpec {
  return spec;
}

/** Whether the server refuses this agent's key: trying again cannot help. */
export function isNotAdmitted(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.status === 403);
}
