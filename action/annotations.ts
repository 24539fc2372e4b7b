import { words } from '../client/describe.ts';
import { plainLine, plainText } from '../client/plain-text.ts';
import {
  type Failure,
  failuresOf,
  fullTitle,
  isInfrastructure,
  lastResults,
  mostDifferent,
  placesOf,
} from '../contract/failures.ts';
import { cutChars } from '../contract/markdown.ts';
import { firstInRepository } from '../contract/repository-path.ts';
import type { RunReport } from '../contract/run.ts';

/** One mark on a commit, as the runner's `::error` and `::warning` make it. */
export interface Annotation {
  level: 'error' | 'warning';
  message: string;
  title: string;
  /** Relative to the workspace, with forward slashes; undefined where no place in the repository is to blame. */
  file?: string;
  /** From 1. */
  line?: number;
}

/** The runner shows this many of each kind for a step. Source: actions/runner, ExecutionContext.cs. */
const mostOfEach = 10;
const mostMessageChars = 4096;
const mostTitleChars = 255;

/**
 * The most useful marks of a completed run: failures of different causes before repetitions of one, all infrastructure
 * failures as one, and flaky tests as warnings. `projectDir` is the test project, relative to the workspace.
 */
export function annotationsOf(report: RunReport, projectDir: string): Annotation[] {
  const failures = failuresOf(report);
  const tests = failures.filter((failure) => !isInfrastructure(failure));
  const infrastructure = infrastructureError(failures.filter(isInfrastructure));
  const room = mostOfEach - (infrastructure ? 1 : 0);
  return [
    ...(infrastructure ? [infrastructure] : []),
    ...onePerPlace(mostDifferent(tests).map((failure) => testError(failure, projectDir))).slice(0, room),
    ...flakyWarnings(report, projectDir).slice(0, mostOfEach),
  ];
}

function infrastructureError(failures: Failure[]): Annotation | null {
  const [first] = failures;
  if (!first) return null;
  const jobs = new Set(failures.map(({ job }) => job.id)).size;
  const reasons = [...new Set(failures.map(({ job, message }) => plainLine(job.reason ?? message)))];
  return {
    level: 'error',
    title: 'Infrastructure, not a test',
    message: cutChars(
      `${jobs} ${jobs === 1 ? 'test file' : 'test files'} could not be run to an end:\n${reasons.join('\n')}`,
      mostMessageChars,
    ),
  };
}

/** A file that did not load may say so in several messages, a test may fail in several projects: the first is the one to see. */
function onePerPlace(annotations: Annotation[]): Annotation[] {
  const seen = new Set<string>();
  return annotations.filter(({ file, line, title }) => {
    const place = JSON.stringify([file, line, title]);
    const isNew = !seen.has(place);
    seen.add(place);
    return isNew;
  });
}

function testError(failure: Failure, projectDir: string): Annotation {
  return {
    level: 'error',
    title: cutChars(plainLine(failure.title), mostTitleChars),
    message: cutChars(plainText(failure.message).trim() || words(failure.job.conclusion ?? 'failed'), mostMessageChars),
    ...firstInside(placesOf(failure), projectDir),
  };
}

function flakyWarnings(report: RunReport, projectDir: string): Annotation[] {
  return report.jobs.flatMap((job) => {
    const tests = job.attempts.flatMap((attempt) => lastResults(attempt.tests)).filter((t) => t.status === 'flaky');
    return tests.map((test) => ({
      level: 'warning' as const,
      title: cutChars(`Flaky: ${plainLine(fullTitle(test))}`, mostTitleChars),
      message: `It failed and passed when it was tried again${job.carried_from ? ', in an earlier attempt of this workflow run' : ''}.`,
      ...firstInside([test], projectDir),
    }));
  });
}

/** The first place that lies in the repository and is its own: neither elsewhere on the agent nor a dependency. */
function firstInside(
  places: readonly { file: string; line: number }[],
  projectDir: string,
): Pick<Annotation, 'file' | 'line'> {
  const place = firstInRepository(places, projectDir);
  return place ? { file: place.path, ...(place.line > 0 ? { line: place.line } : {}) } : {};
}
