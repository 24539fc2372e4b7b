import type { DeviceSource, Presence } from '../devices/discovery/device-source.ts';
import { pause } from '../pause.ts';
import type { DeviceSettings, Log } from '../settings.ts';
import type { BrowserstackApi, Plan } from './api.ts';
import { BrowserstackError } from './browserstack-error.ts';

export interface PlanSourceDeps {
  api: BrowserstackApi;
  /** One per parallel this agent may use, in the order they are used. */
  slots: readonly DeviceSettings[];
  /** Of those, the ones that run a job now. */
  busy: ReadonlySet<string>;
  /** How many sessions of the account are this agent's own. */
  ownSessions: () => number;
  pollMs: number;
  log: Log;
}

/**
 * The parallels of a BrowserStack plan, as devices. Others use the same account: what they take away rests here, and the
 * jobs stay with the server; what a job of this agent holds already is finished.
 */
export function createPlanSource({ api, slots, busy, ownSessions, pollMs, log }: PlanSourceDeps): DeviceSource {
  return {
    name: 'browserstack',
    async watch(tell, signal) {
      let last: Plan | null = null;
      while (!signal.aborted) {
        try {
          last = await api.plan(signal);
        } catch (error) {
          if (signal.aborted) return;
          log({ level: 'warn', message: (error as Error).message });
          if (error instanceof BrowserstackError && error.failure !== 'unavailable') last = null;
        }
        const usable = usableOf(last && leftBy(last, ownSessions()), slots, busy);
        tell(slots.map((settings) => ({ settings, presence: usable.has(settings.id) ? ready : taken })));
        await pause(pollMs, signal);
      }
    },
  };
}

const ready: Presence = { state: 'ready' };
const taken: Presence = { state: 'unfit', why: 'the plan has no parallel left for it.' };

/** How many parallels others leave, with what they have queued. A job of this agent's has its own, session or none. */
function leftBy(plan: Plan, ownSessions: number): number {
  const { parallel_sessions_max_allowed: max, parallel_sessions_running: running, queued_sessions: queued } = plan;
  return max - Math.max(0, running - ownSessions) - queued;
}

/** Those that run a job, and more while there are parallels left for them. */
function usableOf(left: number | null, slots: readonly DeviceSettings[], busy: ReadonlySet<string>): Set<string> {
  const usable = new Set(busy);
  for (const { id } of slots) if (usable.size < (left ?? 0)) usable.add(id);
  return usable;
}
