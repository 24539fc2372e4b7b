import { describeJob } from '../../client/describe.ts';
import { formatDuration } from '../../client/duration.ts';
import { plainLine } from '../../client/plain-text.ts';
import type { Job } from '../../contract/job.ts';
import type { Output } from '../io.ts';
import type { Progress } from './progress.ts';
import type { Style } from './style.ts';
import { colouredSymbol } from './symbol.ts';
import { truncate, widthOf } from './width.ts';

/** A block of lines at the end of a terminal, one per job, drawn anew at every change and every second. */
export function createLiveProgress(output: Output, style: Style): Progress {
  const startedAt = performance.now();
  let jobs: readonly Job[] = [];
  let task = '';
  let drawn = 0;
  let ended = false;
  // a terminal that does not tell its size says 0
  const columns = () => Math.max(20, (output.columns || 80) - 1);

  const block = (): string[] => {
    if (jobs.length === 0) return task ? [truncate(task, columns())] : [];
    const room = Math.max(3, (output.rows || 24) - 4);
    const shown = mostTelling(jobs, room);
    const width = Math.min(Math.max(...shown.map((job) => widthOf(plainLine(job.test_path)))), columns() >> 1);
    const rows = shown.map((job) => {
      const path = truncate(plainLine(job.test_path), width);
      const text = `${path}${' '.repeat(width - widthOf(path))}  ${describeJob(job)}`;
      return `${colouredSymbol(job, style)} ${truncate(text, columns() - 2)}`;
    });
    const hidden = jobs.length - shown.length;
    const more = hidden > 0 ? [style('dim', `  and ${hidden} more`)] : [];
    return [...rows, ...more, style('dim', truncate(totals(jobs, performance.now() - startedAt), columns()))];
  };
  const erase = () => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    const lines = block();
    // erased and drawn in one write, so that nothing flickers
    output.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[J` : ''}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const clock = setInterval(draw, 1000);
  clock.unref();

  return {
    show(now) {
      jobs = now;
      task = '';
      draw();
    },
    say(text) {
      erase();
      output.write(`${text}\n`);
      if (!ended) draw();
    },
    task(text) {
      if (text === task) return;
      task = text;
      draw();
    },
    end() {
      if (ended) return;
      ended = true;
      clearInterval(clock);
      if (jobs.length > 0) draw();
      else erase();
      // what was drawn last is left alone from now on: other text may stand below it
      drawn = 0;
    },
  };
}

/** As many jobs as there is room for: all in their order, else the active, then the failed, then the others. */
function mostTelling(jobs: readonly Job[], room: number): readonly Job[] {
  if (jobs.length <= room) return jobs;
  return jobs.toSorted((a, b) => rank(a) - rank(b)).slice(0, room);
}

function rank(job: Job): number {
  if (job.status === 'running' || job.status === 'assigned') return 0;
  if (job.status === 'queued') return 2;
  return job.conclusion === 'passed' ? 3 : 1;
}

function totals(jobs: readonly Job[], elapsedMs: number): string {
  const done = jobs.filter((job) => job.status === 'completed');
  const failed = done.filter((job) => job.conclusion !== 'passed').length;
  const seconds = Math.floor(elapsedMs / 1000) * 1000;
  return `${done.length} of ${jobs.length} done${failed > 0 ? `, ${failed} not passed` : ''}, ${formatDuration(Math.max(seconds, 1000))}`;
}
