import type { WaitExplanation } from '../explain/explain.ts';
import type { Attempt, Job, Run } from '../model.ts';

/** What a check run and the run's page are rendered from: all of a run, as it stands now. */
export interface CheckView {
  run: Run;
  jobs: readonly CheckJob[];
  /** Of its first waiting job; null when none waits. */
  wait: Pick<WaitExplanation, 'summary' | 'etaSeconds' | 'suggestions'> | null;
  /** The quarantined tests of its repository, by their `quarantineKey`; those the run does not have do not matter. */
  quarantined: ReadonlySet<string>;
  /** How often tests are flaky, 0 to 1, by their `quarantineKey`; of those that were flaky in this run. */
  flakyRates?: ReadonlyMap<string, number>;
  /** Where people reach this server, without a trailing slash. */
  publicUrl: string;
}

/** A job with every ended attempt and its tests; one that was carried over has those of the job it stands for. */
export interface CheckJob {
  job: Job;
  attempts: readonly Omit<Attempt, 'resultHash'>[];
  /** Who holds it now; null unless assigned or running. */
  holder: { agent: string; device: string } | null;
  /** The run its result was taken over from; null where it was not, or where that run is not known any more. */
  carriedFromRun: string | null;
}
