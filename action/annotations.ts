import { isAbsolute, posix } from 'node:path';
import { words } from '../client/describe.ts';
import { type Failure, failuresOf, fullTitle, lastResults } from '../client/failures.ts';
import { plainLine, plainText } from '../client/plain-text.ts';
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

/** Whether the devices, the queue or the network failed, rather than a test. */
export function isInfrastructure({ job, test }: Failure): boolean {
  return test === null && (job.conclusion === 'infra_error' || deviceless.has(job.reason_code ?? ''));
}

const deviceless = new Set(['queue_timeout', 'no_compatible_device']);

function infrastructureError(failures: Failure[]): Annotation | null {
  const [first] = failures;
  if (!first) return null;
  const jobs = new Set(failures.map(({ job }) => job.id)).size;
  const reasons = [...new Set(failures.map(({ job, message }) => plainLine(job.reason ?? message)))];
  return {
    level: 'error',
    title: 'Infrastructure, not a test',
    message: cut(
      `${jobs} ${jobs === 1 ? 'test file' : 'test files'} could not be run to an end:\n${reasons.join('\n')}`,
      mostMessageChars,
    ),
  };
}

/** The first failure of each cause, then the second of each, and so on. A cause is told by a message's first line. */
function mostDifferent(failures: Failure[]): Failure[] {
  const seen = new Map<string, number>();
  const ranked = failures.map((failure) => {
    const cause = plainText(failure.message).split('\n', 1)[0] ?? '';
    const rank = seen.get(cause) ?? 0;
    seen.set(cause, rank + 1);
    return { failure, rank };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ failure }) => failure);
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
  const { test, job } = failure;
  const places = [
    ...(test?.errors ?? []).map(({ file, line = 0 }) => ({ file, line })),
    { file: failure.file, line: failure.line },
    ...(test ? [{ file: test.file, line: test.line }] : []),
    { file: job.test_path, line: 0 },
  ];
  return {
    level: 'error',
    title: cut(plainLine(failure.title), mostTitleChars),
    message: cut(plainText(failure.message).trim() || words(job.conclusion ?? 'failed'), mostMessageChars),
    ...firstInside(places, projectDir),
  };
}

function flakyWarnings(report: RunReport, projectDir: string): Annotation[] {
  return report.jobs.flatMap((job) => {
    const tests = job.attempts.flatMap((attempt) => lastResults(attempt.tests)).filter((t) => t.status === 'flaky');
    return tests.map((test) => ({
      level: 'warning' as const,
      title: cut(`Flaky: ${plainLine(fullTitle(test))}`, mostTitleChars),
      message: `It failed and passed when it was tried again${job.carried_from ? ', in an earlier attempt of this workflow run' : ''}.`,
      ...firstInside([{ file: test.file, line: test.line }], projectDir),
    }));
  });
}

/** The first place that lies in the repository and is its own: neither elsewhere on the agent nor a dependency. */
function firstInside(
  places: { file: string | undefined; line: number }[],
  projectDir: string,
): { file?: string; line?: number } {
  for (const { file, line } of places) {
    const path = file === undefined ? undefined : workspacePath(file, projectDir);
    if (path !== undefined) return { file: path, ...(line > 0 ? { line } : {}) };
  }
  return {};
}

/** A file of the test project as the workspace knows it; undefined when it lies outside or in `node_modules`. */
export function workspacePath(file: string, projectDir: string): string | undefined {
  const slashed = plainLine(file).replaceAll('\\', '/');
  if (slashed === '' || isAbsolute(slashed) || /^[A-Za-z]:/.test(slashed)) return undefined;
  const path = posix.normalize(posix.join(projectDir, slashed));
  if (path.startsWith('../') || path === '..' || path.split('/').includes('node_modules')) return undefined;
  return path;
}

function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
