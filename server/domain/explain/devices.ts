import { type Away, type Rest, restOf } from '../device-rest.ts';
import type { Device, Job } from '../model.ts';
import { placeOf } from '../retry-place.ts';
import type { Served } from '../scheduler/scene.ts';
import { remainingMs } from './eta.ts';

/** Devices as an explanation sees them. */
export type Fleet = readonly {
  device: Device;
  agentName: string;
  /** Whose groups it takes; null: everyone's. */
  orgId: string | null;
  /** Why its agent gives it no jobs; null while it does. */
  away: Away | null;
  /** What it is at, with what that was expected to take and has taken, ms; null when it is free. */
  leased: { serves: Served; estimateMs: number; ranMs: number } | null;
}[];

/** A device that could take the job. */
export interface Candidate {
  agent: string;
  device: string;
  state: 'free' | 'busy' | 'set_aside' | 'unavailable';
  /** Until it should be done with what it is at; null where it is set aside or unavailable. */
  freeInSeconds: number | null;
  /** Null while it takes jobs. */
  rest: Rest | null;
  /** The job failed on it before and goes elsewhere while it can. */
  failedHere: boolean;
}

/** So many are told of. */
const most = 20;

/** Whether a device takes jobs at present. */
export function isUsable(one: Pick<Fleet[number], 'device' | 'agentName' | 'away'>, now: number): boolean {
  return restOf(one, now) === null;
}

/** The devices that fit, the soonest free first. */
export function candidatesOf(fitting: Fleet, job: Pick<Job, 'failedOn'>, now: number): Candidate[] {
  const inOrder = (one: Candidate) => one.freeInSeconds ?? Number.POSITIVE_INFINITY;
  return fitting
    .map((one): Candidate => {
      const { device, agentName } = one;
      const failedHere = job.failedOn.includes(placeOf(agentName, device.id));
      return { agent: agentName, device: device.id, failedHere, ...stateOf(one, now) };
    })
    .toSorted((a, b) => (inOrder(a) === inOrder(b) ? 0 : inOrder(a) - inOrder(b)))
    .slice(0, most);
}

function stateOf(one: Fleet[number], now: number): Pick<Candidate, 'state' | 'freeInSeconds' | 'rest'> {
  const rest = restOf(one, now);
  if (rest !== null) {
    return { state: rest.is === 'has been set aside' ? 'set_aside' : 'unavailable', freeInSeconds: null, rest };
  }
  if (one.leased === null) return { state: 'free', freeInSeconds: 0, rest };
  const freeInSeconds = Math.round(remainingMs(one.leased.estimateMs, one.leased.ranMs) / 1000);
  return { state: 'busy', freeInSeconds, rest };
}
