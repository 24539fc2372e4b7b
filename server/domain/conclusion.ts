import type { Conclusion } from '../../contract/words.ts';
import { addCounts, zeroCounts } from './counts.ts';
import type { Job } from './model.ts';

/** Worst first: one job of it decides the run. */
const worstFirst = [
  'failed',
  'timed_out',
  'infra_error',
  'no_tests',
  'cancelled',
  'superseded',
  'passed',
] as const satisfies Conclusion[];

const phrases = {
  failed: 'failed',
  timed_out: 'timed out',
  infra_error: 'could not be run for reasons of infrastructure',
  no_tests: 'found no tests',
  cancelled: 'cancelled',
  superseded: 'superseded by a newer run',
} as const satisfies Record<Exclude<Conclusion, 'passed'>, string>;

/**
 * How a run ends whose jobs have all completed: as its worst job did. A run in which not one test was executed or carried
 * over concludes `no_tests` though every job passed; skipped tests were found and count. Throws for a job still open.
 */
export function concludeRun(jobs: readonly Pick<Job, 'conclusion' | 'counts' | 'reason'>[]): {
  conclusion: Conclusion;
  reason: string | null;
} {
  if (jobs.some((job) => job.conclusion === null)) throw new Error('a run concludes only when all its jobs have');
  const conclusion = worstFirst.find((word) => jobs.some((job) => job.conclusion === word)) ?? 'passed';
  if (conclusion !== 'passed') {
    const such = jobs.filter((job) => job.conclusion === conclusion);
    const first = such.find((job) => job.reason !== null)?.reason;
    const head = `${such.length} of ${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'} ${phrases[conclusion]}`;
    return { conclusion, reason: first ? `${head}: ${first}` : `${head}.` };
  }
  const counts = jobs.map((job) => job.counts).reduce(addCounts, zeroCounts());
  if (counts.total > 0) return { conclusion, reason: null };
  return { conclusion: 'no_tests', reason: 'The run would execute and carry over zero tests.' };
}
