import { describeJob } from '../../client/describe.ts';
import { plainLine } from '../../client/plain-text.ts';
import type { Job } from '../../contract/job.ts';
import type { Output } from '../io.ts';
import { createLiveProgress } from './live.ts';
import { type Style, styleFor } from './style.ts';
import { colouredSymbol } from './symbol.ts';

/** Shows jobs as they go on. */
export interface Progress {
  /** All the jobs as they stand now. */
  show(jobs: readonly Job[]): void;
  /** A line of its own, that stays. */
  say(text: string): void;
  /** How far a single long task has got; replaces what it said before. */
  task(text: string): void;
  end(): void;
}

/** Progress that redraws itself in a terminal, and one plain line per event anywhere else. */
export function createProgress(output: Output, env: NodeJS.ProcessEnv): Progress {
  const style = styleFor(output, env);
  return output.isTTY && env.TERM !== 'dumb' ? createLiveProgress(output, style) : createLineProgress(output, style);
}

function createLineProgress(output: Output, style: Style): Progress {
  const told = new Map<string, string>();
  const print = (line: string) => void output.write(`${line}\n`);
  return {
    show(jobs) {
      for (const job of jobs) {
        const ended = job.attempts.filter((attempt) => attempt.outcome !== null).length;
        const event = `${job.status} ${job.conclusion} ${ended}`;
        if (told.get(job.id) === event) continue;
        told.set(job.id, event);
        print(`${colouredSymbol(job, style)} ${plainLine(job.test_path)}  ${describeJob(job)}`);
      }
    },
    say: print,
    // a bar in a log is noise
    task: () => {},
    end: () => {},
  };
}
