import { stripVTControlCharacters } from 'node:util';
import type { TestError } from '../../../contract/job.ts';
import type { ReportedOutcome } from '../../../contract/words.ts';
import type { RunnerTest } from '../executor.ts';
import { isInfrastructure } from '../infra-patterns.ts';
import { infrastructureOf, type Witnessed } from './blame.ts';
import type { RunnerEvent } from './events.ts';
import { collectTests, type TestCut, toError } from './results.ts';
import { windowsOf } from './test-windows.ts';

/** Why the executor ended a runner before its own end. */
export type Stop =
  | { why: 'cancelled' }
  | { why: 'gave_way'; message: string }
  | { why: 'timed_out'; limit: 'job' | 'start' | 'idle'; seconds: number };

/** All that is known of a runner once no process of it is left. */
export interface FinishedRun {
  events: readonly RunnerEvent[];
  exit: { code: number | null; signal: string | null };
  stop: Stop | null;
  /** The end of what it printed. */
  output: string;
  testPath: string;
  /** Real path of the project. */
  root: string;
  /** What the agent itself saw fail. */
  witnessed?: readonly Witnessed[];
}

export interface Verdict {
  outcome: ReportedOutcome;
  errors: TestError[];
  tests: RunnerTest[];
}

/** How a run ended, told from its events and its exit. The exit code alone says nothing: it is 1 for everything. */
export function conclude(run: FinishedRun): Verdict {
  const cut = cutShort(run);
  const tests = collectTests(run.events, run.root, cut);
  const errors = run.events.flatMap((event) => (event.type === 'error' ? [toError(event.error, run.root)] : []));
  const { outcome, error } = judge(run, cut, tests, errors);
  return { outcome, tests, errors: (error ? [error, ...errors] : errors).slice(0, 100) };
}

interface Judgement {
  outcome: ReportedOutcome;
  /** Said before the runner's own errors. */
  error?: TestError;
}

function judge(run: FinishedRun, cut: TestCut, tests: readonly RunnerTest[], errors: readonly TestError[]): Judgement {
  if (run.stop?.why === 'cancelled') return { outcome: 'cancelled' };
  if (run.stop?.why === 'gave_way') return { outcome: 'infra_error', error: { message: cut.message } };
  if (run.stop) return { outcome: 'timed_out', error: { message: cut.message } };
  const end = run.events.find((event) => event.type === 'end');
  const begun = run.events.some((event) => event.type === 'begin');
  if (!end) return begun || run.exit.signal ? broken(run, cut) : neverBegan(run, errors);
  if (end.status === 'interrupted') return { outcome: 'crashed', error: { message: cut.message } };
  return tests.length === 0 ? withoutTests(run, errors) : withTests(run, tests, errors);
}

/** The runner died under way: the machine's fault where it said so, else unexplained. */
function broken(run: FinishedRun, cut: TestCut): Judgement {
  const gaveWay = isInfrastructure(run.output) || run.witnessed?.some(({ blame }) => blame === 'device');
  return { outcome: gaveWay ? 'infra_error' : 'crashed', error: { message: cut.message } };
}

/** The runner gave up before it had loaded anything: what it printed is all there is. */
function neverBegan(run: FinishedRun, errors: readonly TestError[]): Judgement {
  const said = lastWords(run.output);
  if (isInfrastructure(said)) return { outcome: 'infra_error', error: { message: said } };
  const hint = /Fixture "device" cannot be overridden/.test(said)
    ? 'AppWright needs @playwright/test below 1.60: pin it with "overrides" in package.json. '
    : '';
  if (errors.length > 0 && hint === '') return { outcome: 'config_error' };
  return {
    outcome: 'config_error',
    error: { message: `${hint}The configuration cannot be used: ${said || 'the runner ended without a word'}` },
  };
}

function withoutTests(run: FinishedRun, errors: readonly TestError[]): Judgement {
  if (errors.some((error) => isInfrastructure(error.message))) return { outcome: 'infra_error' };
  if (errors.some((error) => error.file !== undefined)) return { outcome: 'load_error' };
  if (errors.some((error) => /Project\(s\) .* not found/.test(error.message))) return { outcome: 'config_error' };
  if (errors.length > 0 && !errors.some((error) => /No tests found/.test(error.message)))
    return { outcome: 'load_error' };
  return {
    outcome: 'no_tests',
    error: {
      message: `No test was found in ${run.testPath}: it declares none, or the configuration's testDir, testMatch, grep or projects leave it out.`,
    },
  };
}

function withTests(run: FinishedRun, tests: readonly RunnerTest[], errors: readonly TestError[]): Judgement {
  const failing = lastTries(tests).filter(({ status }) => status === 'failed' || status === 'timed_out');
  if (failing.some((test) => test.errors.some(({ message }) => /Fixture "device" cannot be overridden/.test(message))))
    return { outcome: 'config_error' };
  if (failing.length > 0) {
    const windows = windowsOf(run.events);
    const causes = failing.map((test) => infrastructureOf(test, windows, run.witnessed ?? []));
    const [cause] = causes;
    if (!cause || causes.includes(null)) return { outcome: 'failed' };
    // the tests' own errors say it too, unless it was seen beside them
    return { outcome: 'infra_error', ...(isInfrastructure(cause) ? {} : { error: { message: cause } }) };
  }
  const globalLimit = errors.find(({ message }) => /^Timed out waiting .* for the test suite to run/.test(message));
  if (globalLimit) return { outcome: 'timed_out' };
  if (errors.length > 0)
    return { outcome: errors.every((e) => isInfrastructure(e.message)) ? 'infra_error' : 'failed' };
  const flaky = tests.some(({ status }) => status === 'flaky');
  if (run.exit.code === 0) return { outcome: flaky ? 'flaky' : 'passed' };
  const message = flaky
    ? 'The configuration counts flaky tests as failures (failOnFlakyTests).'
    : `The runner ended with ${ending(run)} although no test failed.`;
  return { outcome: 'failed', error: { message } };
}

/** The last try of each test decides it. */
function lastTries(tests: readonly RunnerTest[]): RunnerTest[] {
  const last = new Map<string, RunnerTest>();
  for (const test of tests) if (test.retry >= (last.get(test.id)?.retry ?? 0)) last.set(test.id, test);
  return [...last.values()];
}

/** What to say of a run that did not come to its own end, and of the test it cut off. */
function cutShort(run: FinishedRun): TestCut {
  const { stop } = run;
  if (stop?.why === 'timed_out') {
    const limits = {
      job: `The job took longer than its limit of ${stop.seconds} s.`,
      start: `The runner had not loaded the tests after ${stop.seconds} s.`,
      idle: `The runner gave no sign of life for ${stop.seconds} s.`,
    };
    return { status: 'interrupted', message: limits[stop.limit] };
  }
  if (stop?.why === 'gave_way') return { status: 'interrupted', message: stop.message };
  if (stop) return { status: 'interrupted', message: 'Cancelled.' };
  return { status: 'failed', message: `The test runner was cut off: it ended with ${ending(run)}, without a report.` };
}

function ending({ exit }: FinishedRun): string {
  if (exit.signal === 'SIGKILL') return 'SIGKILL (killed from outside, or out of memory)';
  return exit.signal ?? `exit code ${exit.code}`;
}

/** The last lines a runner printed, from its last error on, without npm's warnings and frames inside packages. */
function lastWords(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(
      (line) => line !== '' && !line.startsWith('npm warn') && !/^\s+at .*(node_modules|\(node:|at node:)/.test(line),
    );
  const from = lines.findIndex((line) => /^\w*Error\b/.test(line));
  return lines
    .slice(from < 0 ? -20 : from)
    .join('\n')
    .slice(0, 8192);
}
