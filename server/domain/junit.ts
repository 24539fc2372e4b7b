import { lastResults } from '../../contract/failures.ts';
import type { TestResult } from '../../contract/job.ts';
import type { RunReport } from '../../contract/run.ts';
import type { AttemptOutcome } from '../../contract/words.ts';
import { isFailure } from './counts.ts';
import { type Attributes, element, textElement } from './xml.ts';

type ReportedJob = RunReport['jobs'][number];

/** One testcase of the document, and what it counts as. */
interface Case {
  xml: string;
  kind: 'passed' | 'failures' | 'errors' | 'skipped';
  seconds: number;
}

/**
 * A run as JUnit XML: one testsuite per job, one testcase per test with its last result. A flaky test passes and carries
 * its failures as `flakyFailure`. A job that was carried over says so in a property of its suite. A job that went wrong without a failed test gets an `error` testcase of its own, so that
 * no job can vanish or look green.
 */
export function renderJunit(report: RunReport): string {
  const suites = report.jobs.map((job) => ({ job, cases: casesOf(job) }));
  const root = element(
    'testsuites',
    { name: report.run.id, ...totals(suites.flatMap(({ cases }) => cases)) },
    suites.map(({ job, cases }) =>
      element(
        'testsuite',
        { name: job.test_path, id: job.id, timestamp: job.started_at ?? job.created_at, ...totals(cases) },
        [...properties(job), ...cases.map(({ xml }) => xml)],
      ),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function properties({ carried_from }: ReportedJob): string[] {
  if (carried_from === null) return [];
  return [element('properties', {}, [element('property', { name: 'carried_from', value: carried_from })])];
}

function totals(cases: readonly Case[]): Attributes {
  const count = (kind: Case['kind']) => cases.filter((one) => one.kind === kind).length;
  return {
    tests: cases.length,
    failures: count('failures'),
    errors: count('errors'),
    skipped: count('skipped'),
    time: seconds(cases.reduce((sum, one) => sum + one.seconds, 0)),
  };
}

function casesOf(job: ReportedJob): Case[] {
  const decisive = job.attempts.findLast((attempt) => attempt.tests.length > 0);
  const results = decisive ? lastResults(decisive.tests) : [];
  const failures = failuresById(job);
  const cases = results.map((test) => testCase(job, test, failures.get(test.id) ?? []));
  const own = jobCase(job, cases);
  return own ? [...cases, own] : cases;
}

/** Every failure of a test over all attempts; those that its infrastructure caused are not the test's. */
function failuresById(job: ReportedJob): Map<string, TestResult[]> {
  const notTheTests: ReadonlySet<AttemptOutcome | null> = new Set(['infra_error', 'lost', 'cancelled']);
  const attempts = job.attempts.filter(({ outcome }) => !notTheTests.has(outcome));
  return Map.groupBy(
    attempts.flatMap(({ tests }) => tests.filter(isFailure)),
    (test) => test.id,
  );
}

function testCase(job: ReportedJob, test: TestResult, failures: readonly TestResult[]): Case {
  const attributes = {
    classname: test.file || job.test_path,
    name: test.title_path.filter((part) => part !== '').join(' › ') || test.title,
    file: test.file,
    line: test.line,
    time: seconds(test.duration_ms / 1000),
  };
  const make = (kind: Case['kind'], children: string[]): Case => ({
    xml: element('testcase', attributes, children),
    kind,
    seconds: test.duration_ms / 1000,
  });
  switch (test.status) {
    case 'passed':
    case 'flaky':
      return make(
        'passed',
        failures.map((failure) => failureElement('flakyFailure', failure)),
      );
    case 'failed':
    case 'timed_out':
    case 'interrupted':
      return make('failures', [failureElement('failure', test)]);
    case 'skipped':
      return make('skipped', [element('skipped', {})]);
    case 'not_run':
      return make('skipped', [element('skipped', { message: 'not run' })]);
  }
}

function failureElement(name: 'failure' | 'flakyFailure', test: TestResult): string {
  const message = test.errors[0]?.message ?? test.status;
  const text = test.errors.map(({ message, file, line, snippet }) => {
    const place = file === undefined ? [] : [line === undefined ? file : `${file}:${line}`];
    return [message, ...place, ...(snippet === undefined ? [] : [snippet])].join('\n');
  });
  return textElement(name, { message: message.split('\n', 1)[0] ?? '', type: test.status }, text.join('\n\n'));
}

/** The testcase that stands for the job itself; null where its tests say all there is to say. */
function jobCase(job: ReportedJob, cases: readonly Case[]): Case | null {
  const attributes = { classname: job.test_path, name: job.test_path, time: seconds(0) };
  const message = job.reason ?? job.conclusion ?? job.status;
  switch (job.conclusion) {
    case 'failed':
    case 'timed_out':
    case 'infra_error':
    case 'no_tests': {
      if (cases.some(({ kind }) => kind === 'failures')) return null;
      const text = job.attempts.flatMap(({ errors }) => errors.map((error) => error.message)).join('\n\n');
      const error = textElement('error', { message, type: job.reason_code ?? job.conclusion }, text);
      return { xml: element('testcase', attributes, [error]), kind: 'errors', seconds: 0 };
    }
    case 'passed':
    case 'cancelled':
    case 'superseded':
    case null:
      if (cases.length > 0 || job.conclusion === 'passed') return null;
      return { xml: element('testcase', attributes, [element('skipped', { message })]), kind: 'skipped', seconds: 0 };
  }
}

function seconds(value: number): string {
  return value.toFixed(3);
}
