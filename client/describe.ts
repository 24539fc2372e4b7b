import type { Attempt, Job } from '../contract/job.ts';
import type { RunSummary } from '../contract/run.ts';
import type { Counts } from '../contract/words.ts';
import { formatDuration } from './duration.ts';
import { plainLine } from './plain-text.ts';

const symbols: Record<string, string> = {
  queued: '·',
  assigned: '◦',
  running: '▸',
  passed: '✓',
  failed: '✗',
  cancelled: '-',
  superseded: '-',
};

/** One character for how a job or a run stands. */
export function symbolOf({ status, conclusion }: Pick<Job, 'conclusion'> & { status: string }): string {
  return symbols[conclusion ?? status] ?? '!';
}

/** How a job stands, in a few words: `running on pixel-1, 2 tests so far`. */
export function describeJob(job: Job): string {
  const attempt = job.attempts.at(-1);
  switch (job.status) {
    case 'queued':
      return attempt ? `queued again, attempt ${attempt.number} ${ending(attempt)}` : 'queued';
    case 'assigned':
      return `taken${place(attempt)}`;
    case 'running':
      return [
        `running${place(attempt)}${again(attempt)}`,
        job.counts.total > 0 ? `${describeCounts(job.counts)} so far` : '',
      ]
        .filter(Boolean)
        .join(', ');
    case 'completed':
      return describeEnd(job, attempt);
  }
}

function describeEnd(job: Job, attempt: Attempt | undefined): string {
  const parts = [words(job.conclusion ?? 'completed')];
  if (job.carried_from) parts.push(`earlier, as ${plainLine(job.carried_from)}`);
  if (job.counts.total > 0) parts.push(describeCounts(job.counts));
  if (attempt?.duration_ms) parts.push(formatDuration(attempt.duration_ms));
  if (job.attempts.length > 1) parts.push(`${job.attempts.length} attempts`);
  if (job.reason && job.conclusion !== 'passed') parts.push(plainLine(job.reason));
  return parts.join(', ');
}

/** `3 tests`, `3 tests: 1 failed, 1 flaky`. */
export function describeCounts(counts: Counts): string {
  const all = `${counts.total} ${counts.total === 1 ? 'test' : 'tests'}`;
  const notable = (['failed', 'flaky', 'skipped'] as const).filter((name) => counts[name] > 0);
  return notable.length === 0 ? all : `${all}: ${notable.map((name) => `${counts[name]} ${name}`).join(', ')}`;
}

/** The words of the API as people write them: `timed out`, `no tests`. */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** `2 installs for 16 jobs, 14 avoided (6 min saved)`. */
export function describeInstalls({ installs, job_counts }: Pick<RunSummary, 'installs' | 'job_counts'>): string {
  const { made, avoided, seconds_saved } = installs;
  const jobs = `${job_counts.total} ${job_counts.total === 1 ? 'job' : 'jobs'}`;
  const saved = seconds_saved >= 1 ? ` (${formatDuration(seconds_saved * 1000)} saved)` : '';
  return `${made} ${made === 1 ? 'install' : 'installs'} for ${jobs}, ${avoided} avoided${saved}`;
}

function place(attempt: Attempt | undefined): string {
  return attempt && attempt.outcome === null ? ` on ${plainLine(attempt.device)}` : '';
}

function again(attempt: Attempt | undefined): string {
  return attempt && attempt.number > 1 ? ` (attempt ${attempt.number})` : '';
}

function ending(attempt: Attempt): string {
  return `${words(attempt.outcome ?? 'ended')} on ${plainLine(attempt.device)}`;
}
