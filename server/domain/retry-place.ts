import type { Job } from './model.ts';
import type { Worker } from './scheduler/scene.ts';

/** What names a device in attempts: unlike ids of agents it outlives a restart of its agent. */
export function placeOf(agentName: string, deviceId: string): string {
  return JSON.stringify([agentName, deviceId]);
}

/**
 * Whether a device may take a job: one that failed on it before only where the job has failed on every other device that
 * could take it now.
 * @param here the device's place
 * @param elsewhere places of all other devices that could take it
 */
export function mayRunHere({ failedOn }: Pick<Job, 'failedOn'>, here: string, elsewhere: readonly string[]): boolean {
  return !failedOn.includes(here) || elsewhere.every((place) => failedOn.includes(place));
}

/** The job's memory once it has failed on a device, too. */
export function failedAt(failedOn: readonly string[], place: string): string[] {
  return failedOn.includes(place) ? [...failedOn] : [...failedOn, place];
}

/**
 * A device as others see it: one that stands free because all that waits for its app failed on it serves nobody, whatever it
 * has on.
 */
export function asSeenByOthers(worker: Worker): Worker {
  if (worker.serves !== null || worker.device.nothingOfGroupId === null) return worker;
  return { ...worker, device: { ...worker.device, installed: null, lastGroupId: null } };
}
