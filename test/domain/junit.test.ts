import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunReport } from '../../contract/run.ts';
import { Conclusion, TestStatus } from '../../contract/words.ts';
import { zeroCounts } from '../../server/domain/counts.ts';
import { renderJunit } from '../../server/domain/junit.ts';
import { aTest } from './factories.ts';
import { parseXml, type XmlElement } from './parse-xml.ts';

type ReportedJob = RunReport['jobs'][number];
type ReportedAttempt = ReportedJob['attempts'][number];

const anInstant = '2026-01-02T03:04:05.000Z';

function anAttempt(over: Partial<ReportedAttempt>): ReportedAttempt {
  return {
    number: 1,
    agent: 'lab',
    device: 'd1',
    outcome: 'passed',
    started_at: anInstant,
    duration_ms: 2000,
    install: null,
    counts: zeroCounts(),
    errors: [],
    tests: [],
    ...over,
  };
}

function aReportedJob(over: Partial<ReportedJob>): ReportedJob {
  return {
    id: 'job_1',
    run_id: 'run_1',
    org_id: 'acme',
    app_version_id: '1.0',
    test_path: 'tests/checkout.spec.ts',
    target: 'emulator',
    priority: 5,
    project: null,
    devices: [],
    status: 'completed',
    conclusion: 'passed',
    reason: null,
    reason_code: null,
    cancel_requested: false,
    carried_from: null,
    version: 1,
    created_at: anInstant,
    started_at: anInstant,
    completed_at: anInstant,
    attempts: [],
    counts: zeroCounts(),
    ...over,
  };
}

function render(jobs: Partial<ReportedJob>[]): XmlElement {
  const report: RunReport = {
    run: {
      id: 'run_1',
      org_id: 'acme',
      app_version_id: '1.0',
      target: 'emulator',
      priority: 5,
      project: null,
      devices: [],
      status: 'completed',
      conclusion: 'failed',
      reason: null,
      version: 1,
      created_at: anInstant,
      started_at: anInstant,
      completed_at: anInstant,
      attempt: 1,
      retry_of: null,
      counts: zeroCounts(),
      job_counts: { total: jobs.length, queued: 0, active: 0, completed: jobs.length },
      installs: { made: 0, avoided: 0, seconds_saved: 0 },
      awaiting_approval: false,
      check: null,
      github: null,
      url: '',
    },
    jobs: jobs.map(aReportedJob),
  };
  return parseXml(renderJunit(report));
}

/** The testcases of the only job. */
function casesOf(job: Partial<ReportedJob>): XmlElement[] {
  return render([job]).children[0]?.children ?? [];
}

describe('a JUnit report', () => {
  test('has a suite per job, a case per test, and counts that add up', () => {
    const tests = [
      aTest({ id: 'a' }),
      aTest({ id: 'b', status: 'failed', duration_ms: 250 }),
      aTest({ id: 'c', status: 'skipped', duration_ms: 0 }),
    ];
    const root = render([
      { conclusion: 'failed', attempts: [anAttempt({ outcome: 'failed', tests })] },
      { id: 'job_2', test_path: 'tests/b.spec.ts', attempts: [anAttempt({ tests: [aTest()] })] },
    ]);
    const totals = { failures: '1', errors: '0', skipped: '1' };
    expect(root.attributes).toEqual({ name: 'run_1', ...totals, tests: '4', time: '3.250' });
    expect(root.children.map((suite) => suite.attributes)).toEqual([
      { name: 'tests/checkout.spec.ts', id: 'job_1', timestamp: anInstant, ...totals, tests: '3', time: '1.750' },
      {
        name: 'tests/b.spec.ts',
        id: 'job_2',
        timestamp: anInstant,
        tests: '1',
        failures: '0',
        errors: '0',
        skipped: '0',
        time: '1.500',
      },
    ]);
  });

  test('says of a job that was carried over which one it stands for, before its tests', () => {
    const [properties, only] = casesOf({ carried_from: 'job_0', attempts: [anAttempt({ tests: [aTest()] })] });
    expect(properties?.name).toBe('properties');
    expect(properties?.children.map(({ attributes }) => attributes)).toEqual([
      { name: 'carried_from', value: 'job_0' },
    ]);
    expect(only?.name).toBe('testcase');
  });

  test('tells of a failure its message, its place and its snippet', () => {
    const errors = [{ message: 'expected 3\ngot 4', file: 'tests/a.spec.ts', line: 7, snippet: '> 7 | expect(n)' }];
    const [only] = casesOf({ attempts: [anAttempt({ tests: [aTest({ status: 'failed', errors })] })] });
    expect(only?.attributes).toMatchObject({
      classname: 'tests/checkout.spec.ts',
      name: 'checkout.spec.ts › pays with a card',
      file: 'tests/checkout.spec.ts',
      line: '12',
    });
    expect(only?.children[0]).toEqual({
      name: 'failure',
      attributes: { message: 'expected 3', type: 'failed' },
      children: [],
      text: 'expected 3\ngot 4\ntests/a.spec.ts:7\n> 7 | expect(n)',
    });
  });

  test('passes a flaky test and keeps its failures, those of earlier attempts too', () => {
    const failed = aTest({ status: 'failed', errors: [{ message: 'once' }] });
    const timedOut = aTest({ status: 'timed_out', errors: [{ message: 'twice' }] });
    const attempts = [
      anAttempt({ outcome: 'failed', tests: [failed] }),
      anAttempt({ number: 2, outcome: 'flaky', tests: [timedOut, aTest({ retry: 1 })] }),
    ];
    const root = render([{ attempts }]);
    expect(root.attributes).toMatchObject({ tests: '1', failures: '0', errors: '0' });
    const flaky = root.children[0]?.children[0]?.children.map(({ name, attributes }) => [name, attributes.message]);
    expect(flaky).toEqual([
      ['flakyFailure', 'once'],
      ['flakyFailure', 'twice'],
    ]);
  });

  test('does not call a test flaky that failed with its infrastructure', () => {
    const attempts = [
      anAttempt({ outcome: 'infra_error', tests: [aTest({ status: 'failed' })] }),
      anAttempt({ number: 2, tests: [aTest()] }),
    ];
    expect(casesOf({ attempts })[0]?.children).toEqual([]);
  });

  test.each(['failed', 'timed_out', 'infra_error', 'no_tests'] as const)(
    'shows a job that concluded %s without a failed test as an error',
    (conclusion) => {
      const job = { conclusion, reason: 'It did not load.', reason_code: 'load_error' as const };
      const attempts = [anAttempt({ outcome: 'load_error', errors: [{ message: 'SyntaxError' }] })];
      const [without] = casesOf({ ...job, attempts });
      expect(without?.children[0]).toMatchObject({
        name: 'error',
        attributes: { message: 'It did not load.', type: 'load_error' },
        text: 'SyntaxError',
      });
      const cases = casesOf({ ...job, attempts: [anAttempt({ outcome: 'crashed', tests: [aTest()] })] });
      expect(cases.map((one) => one.children[0]?.name)).toEqual([undefined, 'error']);
    },
  );

  test('shows a job that never ran as skipped, and why', () => {
    for (const conclusion of ['cancelled', 'superseded', null] as const) {
      const [only] = casesOf({ conclusion, status: conclusion ? 'completed' : 'queued', reason: 'By a newer run.' });
      expect(only?.children).toMatchObject([{ name: 'skipped', attributes: { message: 'By a newer run.' } }]);
    }
  });

  test('never shows a job that went wrong as green, whatever its tests say', () => {
    const job = fc.record({
      conclusion: fc
        .constantFrom('failed', 'timed_out', 'infra_error', 'no_tests')
        .map((word) => Conclusion.parse(word)),
      attempts: fc.array(
        fc.array(fc.record({ id: fc.constantFrom('a', 'b'), status: fc.constantFrom(...TestStatus.options) })),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(job, ({ conclusion, attempts }) => {
        const { failures, errors } = render([
          { conclusion, attempts: attempts.map((tests) => anAttempt({ outcome: 'failed', tests: tests.map(aTest) })) },
        ]).attributes;
        expect(Number(failures) + Number(errors)).toBeGreaterThan(0);
      }),
    );
  });

  test('is well-formed XML whatever a test writes', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        ']]>',
        '<!--',
        '&amp;',
        '\u0000',
        '\ud800',
        '\uffff',
        '"\'<>&',
        '\u001b[31mred\u001b[39m',
        'a\r\nb',
      ),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (message, title, file) => {
        const errors = [{ message, file, line: 1, snippet: message }];
        const tests = [aTest({ status: 'failed', title, title_path: [title, file], file, errors })];
        const job = { conclusion: 'failed' as const, reason: message, test_path: file };
        expect(render([{ ...job, attempts: [anAttempt({ tests })] }, { ...job }]).children).toHaveLength(2);
      }),
      { numRuns: 200 },
    );
  });

  test('keeps the lines of a message and drops its colours', () => {
    const errors = [{ message: '\u001b[31mred\u001b[39m\nsecond & <third>' }];
    const [only] = casesOf({ attempts: [anAttempt({ tests: [aTest({ status: 'failed', errors })] })] });
    expect(only?.children[0]?.text).toBe('red\nsecond & <third>');
  });
});
