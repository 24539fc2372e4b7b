import type { Run } from '../model.ts';
import type { CheckOutput } from './output.ts';

/** How soon GitHub is to be told of a change; less is sooner. */
export const urgencies = { final: 0, state: 1, progress: 2 } as const;
export type Urgency = (typeof urgencies)[keyof typeof urgencies];

/** Progress is told this often at most. */
export const progressEveryMs = 10_000;

/** The check run of a run: where it belongs, what GitHub has of it and what is still to be told. */
export interface CheckRun {
  runId: string;
  host: string;
  /** The account of the repository, in lower case: with the host, whose lane it waits in. */
  owner: string;
  /** `owner/name` */
  repository: string;
  repositoryId: number;
  headSha: string;
  name: string;
  /** `run id:attempt`: what it is found by when the answer to its creation was lost. */
  externalId: string;
  createdAt: number;
  /** GitHub's id; null before GitHub is known to have it. */
  remoteId: number | null;
  /** GitHub shows it as completed; it opens none again, so that what goes on after all is a new check run there. */
  remoteCompleted: boolean;
  /**
   * `open`: told when it changes. `unpostable`: the App may not write there; tried again when the run's state changes, or when
   * GitHub tells that the App may. `failed`: GitHub refused what was sent; tried again when the run's state changes.
   */
  state: 'open' | 'unpostable' | 'failed';
  /** Of what is to be told. Meaningless while `dueAt` is null. */
  urgency: Urgency;
  /** When it is to be told; null: GitHub knows all. */
  dueAt: number | null;
  /** Not before then, whatever changes: the pause after a failure. */
  notBefore: number;
  /** Failures in a row. */
  attempts: number;
  /** Rises with every change of the run, so that one that came while another was told is not lost. */
  generation: number;
  /** A write was begun and its end is not known: GitHub may or may not have carried it out. */
  uncertain: boolean;
  /** When a write was last begun; null before the first. */
  takenAt: number | null;
  /** Digest of what GitHub shows; null before the first, and between two parts of a long one. */
  publishedHash: string | null;
  /** How many annotations GitHub has. */
  annotationsSent: number;
  lastError: string | null;
}

/**
 * The writes to one account on one host. An account has one installation of the App, and GitHub wants an installation's writes
 * one at a time, a second apart: so a lane is leased to one server for each write, and remembers when the next may come.
 */
export interface CheckLane {
  host: string;
  owner: string;
  /** As last found; null when it has to be looked up. */
  installationId: number | null;
  /** The next write, not before then: its pace, a limit that GitHub named, or the pause after a failure. */
  notBefore: number;
  /** Failures in a row. */
  failures: number;
  leaseToken: string | null;
  leaseExpiresAt: number | null;
}

/** GitHub asks for growing pauses; an hour's outage is to be over for us within minutes of its end, so they stop growing. */
const longestPauseMs = 60_000;

/**
 * The pause after so many failures in a row.
 * @param chance from 0 to 1; many that failed together must not come back together
 */
export function pauseMs(failures: number, chance: number): number {
  const full = Math.min(longestPauseMs, 1_000 * 2 ** Math.min(failures, 10));
  return Math.round(full / 2 + (full / 2) * chance);
}

/** What a limit adds to the pause GitHub named, when it has refused before: whoever goes on all the same is blocked. */
export function limitPauseMs(namedMs: number, failures: number, chance: number): number {
  return namedMs + (failures === 0 ? 0 : pauseMs(failures, chance));
}

/** How soon to tell of a change of a run. */
export function urgencyOf(before: RunState, after: RunState): Urgency {
  if (after.status === 'completed') return urgencies.final;
  const isSame = before.status === after.status && before.awaitingApproval === after.awaitingApproval;
  return isSame ? urgencies.progress : urgencies.state;
}

type RunState = Pick<Run, 'status' | 'awaitingApproval'>;

/** GitHub refuses a request with more. */
const maxAnnotations = 50;

/**
 * What the next request carries of an output, when GitHub has so many of its annotations already. Those beyond one request's
 * go first, while the check run is in progress still: nobody is to see a verdict with half of its reasons.
 */
export function nextPart(output: CheckOutput, annotationsSent: number): { part: CheckOutput; isLast: boolean } {
  const left = output.status === 'completed' ? output.annotations.slice(annotationsSent) : [];
  if (left.length <= maxAnnotations) return { part: { ...output, annotations: left }, isLast: true };
  const open = { status: 'in_progress', conclusion: null, completedAt: null } as const;
  return { part: { ...output, ...open, actions: [], annotations: left.slice(0, maxAnnotations) }, isLast: false };
}
