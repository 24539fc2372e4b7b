import type { Attempt, Job } from '../../contract/job.ts';
import type { Counts } from '../../contract/words.ts';
import { formatDuration } from '../duration.ts';
import { plainLine } from './plain.ts';
import type { Colour, Style } from './style.ts';

const symbols: Record<string, readonly [string, Colour]> = {
  queued: ['·', 'dim'],
  assigned: ['◦', 'cyan'],
  running: ['▸', 'cyan'],
  passed: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['-', 'dim'],
  superseded: ['-', 'dim'],
};

/** One character for how a job or a run stands. */
export function symbolOf({ status, conclusion }: Pick<Job, 'conclusion'> & { status: string }, style: Style): string {
  const [symbol, colour] = symbols[conclusion ?? status] ?? ['!', 'yellow'];
  return style(colour, symbol);
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

function place(attempt: Attempt | undefined): string {
  return attempt && attempt.outcome === null ? ` on ${plainLine(attempt.device)}` : '';
}

function again(attempt: Attempt | undefined): string {
  return attempt && attempt.number > 1 ? ` (attempt ${attempt.number})` : '';
}

function ending(attempt: Attempt): string {
  return `${words(attempt.outcome ?? 'ended')} on ${plainLine(attempt.device)}`;
}
