import type { Reset } from '../../../contract/words.ts';
import { isInfrastructure } from '../infra-patterns.ts';
import type { Witnessed } from '../runner/blame.ts';
import type { SessionRecord } from './record.ts';

/** So many sessions a device refused, and nobody believes in the next one. */
const maxRefusals = 2;
/** An app that does not come up says nothing about the device. */
const appDidNotStart =
  /Cannot start the '.*' application|never started|Activity (class|name) .* (not exist|used to start)/;
/** After these the rest of a job can only fail the same way. */
const isFinal =
  /device '.*' (not found|offline)|Appium (died|gave no sign|cannot be started)|[Dd]evice .* (is not connected|was not in the list)/;

export interface HubJobRequest {
  /** What the job's runner names its device by: the hub knows it by nothing else. */
  token: string;
  serial: string;
  reset: Reset;
  /** An existing folder for screenshots and page sources. */
  capturesDir: string;
  /** Installs the app anew: before each session but the first, where `reset` is `reinstall`. */
  reinstall: () => Promise<void>;
}

/** What the hub knows of one job. */
export interface HubJob extends HubJobRequest {
  sessions: SessionRecord[];
  /** What the hub saw fail, by the device's fault or the app's. */
  troubles: Witnessed[];
  /** Resolves with the reason when there is no sense in going on; never otherwise. */
  gaveWay: Promise<string>;
  /** The reason once there is one. */
  hopeless(): string | null;
  /** Notes what the hub saw fail. `refused`: a session that was not made. */
  note(message: string, what: 'refused' | 'command' | 'lost'): void;
  /** What is being done to the device for this job: sessions that are being made or ended, whether or not a runner waits. */
  underway: Set<Promise<unknown>>;
}

/** Keeps `work` on the job's account until it is over, so that no other job gets the device meanwhile. */
export async function onAccountOf<T>(job: Pick<HubJob, 'underway'>, work: Promise<T>): Promise<T> {
  job.underway.add(work);
  try {
    return await work;
  } finally {
    job.underway.delete(work);
  }
}

export function openHubJob(request: HubJobRequest): HubJob {
  const { promise: gaveWay, resolve } = Promise.withResolvers<string>();
  const troubles: Witnessed[] = [];
  let refusals = 0;
  let hopeless: string | null = null;
  return {
    ...request,
    sessions: [],
    underway: new Set(),
    troubles,
    gaveWay,
    hopeless: () => hopeless,
    note(said, what) {
      const message = said.slice(0, 8192);
      const blame = what === 'refused' && appDidNotStart.test(message) ? 'app' : 'device';
      // what a command answers is the test's business, unless it tells of the infrastructure
      if (what === 'command' && !isInfrastructure(message)) return;
      troubles.push({ at: Date.now(), message, blame });
      if (blame === 'app') return;
      if (what === 'refused') refusals++;
      if (
        what === 'command'
          ? !isFinal.test(message)
          : what === 'refused' && refusals < maxRefusals && !isFinal.test(message)
      )
        return;
      hopeless ??= message;
      resolve(message);
    },
  };
}
