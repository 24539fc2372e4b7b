import type { RunCheck } from '../../../contract/run.ts';
import type { Conclusion, JobStatus, TestStatus } from '../../../contract/words.ts';

/** `2026-11-23 19:42:29 UTC`. */
export function instantText(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}

/** How a state looks: `good`, `bad`, `odd` (look at it), `going` (not over) or `idle` (did not happen). */
export type Tone = 'good' | 'bad' | 'odd' | 'going' | 'idle';

/** A sign beside the word, so that the state can be told without its colour. */
export const signs: Record<Tone, string> = { good: '✓', bad: '✗', odd: '!', going: '…', idle: '–' };

type CheckStatus = NonNullable<RunCheck>['status'];

/** The states of runs, jobs, attempts, tests and check runs are words; all of them, with how they look. */
const tones: Record<string, Tone> = {
  queued: 'going',
  assigned: 'going',
  running: 'going',
  passed: 'good',
  failed: 'bad',
  timed_out: 'bad',
  infra_error: 'odd',
  no_tests: 'odd',
  cancelled: 'idle',
  superseded: 'idle',
  flaky: 'odd',
  load_error: 'bad',
  config_error: 'bad',
  crashed: 'bad',
  lost: 'odd',
  skipped: 'idle',
  not_run: 'idle',
  interrupted: 'bad',
  pending: 'going',
  posted: 'good',
  unpostable: 'odd',
} satisfies Record<Conclusion | TestStatus | CheckStatus | Exclude<JobStatus, 'completed'>, Tone> &
  Record<string, Tone>;

export function toneOf(state: string): Tone {
  return tones[state] ?? 'idle';
}

/** `timed_out` as people write it. */
export function words(state: string): string {
  return state.replaceAll('_', ' ');
}
