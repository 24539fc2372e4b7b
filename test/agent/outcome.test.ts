import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseEvent, type RunnerEvent } from '../../agent/executors/runner/events.ts';
import { conclude, type FinishedRun, type Verdict } from '../../agent/executors/runner/outcome.ts';
import { eventsOfReport } from '../../agent/executors/runner/report.ts';

const sample = (name: string) => readFileSync(join(import.meta.dirname, 'samples', name), 'utf8');
const stream = (name: string) =>
  sample(`${name}.events.ndjson`)
    .split('\n')
    .flatMap((line) => parseEvent(line) ?? []);
const report = (name: string): RunnerEvent[] => eventsOfReport(sample(`${name}.json`)) ?? [];

function conclusion(given: Partial<FinishedRun>): Verdict {
  return conclude({
    events: [],
    exit: { code: 1, signal: null },
    stop: null,
    output: '',
    testPath: 'tests/x.spec.ts',
    root: '/repo',
    ...given,
  });
}

const statuses = (verdict: Verdict) => verdict.tests.map((t) => `${t.title}: ${t.status}`);
const errors = (verdict: Verdict) =>
  verdict.tests.flatMap((t) => t.errors.map((e) => ({ file: e.file, line: e.line })));

describe('a recorded run concludes as what it was:', () => {
  test('passed when every test passed', () => {
    const verdict = conclusion({ events: stream('pass'), exit: { code: 0, signal: null } });
    expect(verdict.outcome).toBe('passed');
    expect(verdict.tests.every((t) => t.status === 'passed')).toBe(true);
  });

  test('failed, with the place of each failure in the project, and expected failures told from real ones', () => {
    const verdict = conclusion({ events: stream('fail') });
    expect(verdict.outcome).toBe('failed');
    expect(statuses(verdict)).toEqual([
      'fails on locator: failed',
      'fails on value: failed',
      'fails in helper file: failed',
      'throws non-error: failed',
      'expected to fail: passed',
      'expected to fail but passes: failed',
    ]);
    const [, value, helper, plain, , marked] = verdict.tests;
    expect(value?.errors[0]).toMatchObject({ file: 'tests/sub/fail.spec.ts' });
    expect(helper?.errors[0]).toMatchObject({ file: 'tests/sub/helper.ts', line: 2 });
    expect(plain?.errors[0]?.file).toBeUndefined();
    expect(marked?.errors[0]?.message).toBe('The test is marked as failing, but it passed.');
    expect(value?.errors[0]?.message).not.toContain('\u001b');
  });

  test('flaky when the only failures were retried away, and failed when one was not', () => {
    const only = conclusion({ events: report('onlyflaky'), exit: { code: 0, signal: null } });
    expect(only.outcome).toBe('flaky');
    expect(only.tests.map((t) => [t.retry, t.status])).toEqual([
      [0, 'failed'],
      [1, 'flaky'],
    ]);
    expect(conclusion({ events: report('flaky') }).outcome).toBe('failed');
  });

  test('failed where the configuration counts flaky tests as failures', () => {
    const verdict = conclusion({ events: report('onlyflaky') });
    expect(verdict.outcome).toBe('failed');
    expect(verdict.errors[0]?.message).toContain('failOnFlakyTests');
  });

  test('passed when tests were skipped, which is not the same as not run', () => {
    const skipped = conclusion({ events: stream('skip'), exit: { code: 0, signal: null } });
    expect(skipped.outcome).toBe('passed');
    expect(new Set(skipped.tests.map((t) => t.status))).toEqual(new Set(['skipped']));
    expect(statuses(conclusion({ events: stream('serial') }))).toEqual(['s1 fails: failed', 's2 not run: not_run']);
  });

  test('failed for a hook that threw, at the line of the hook, the rest not run', () => {
    const before = conclusion({ events: stream('beforeall') });
    expect(before.outcome).toBe('failed');
    expect(before.tests.map((t) => t.status)).toEqual(['failed', 'not_run']);
    expect(errors(before)[0]?.file).toBe('tests/beforeall.spec.ts');
    expect(conclusion({ events: stream('afterall') }).outcome).toBe('failed');
  });

  test('failed for a test that ran into its own timeout, which is timed_out', () => {
    const verdict = conclusion({ events: stream('timeout') });
    expect(verdict.outcome).toBe('failed');
    expect(verdict.tests.map((t) => t.status)).toContain('timed_out');
  });

  test('failed when a worker crashed under one test and the others went on', () => {
    const verdict = conclusion({ events: stream('crash') });
    expect(verdict.outcome).toBe('failed');
    expect(statuses(verdict)).toEqual([
      'before crash: passed',
      'worker crash: failed',
      'after crash: passed',
      'worker sigkill: failed',
      'unhandled rejection: failed',
    ]);
  });

  test('load_error at file and line for a spec that does not load', () => {
    const live = conclusion({ events: stream('syntax_plus_ok') });
    expect(live).toMatchObject({ outcome: 'load_error', tests: [] });
    expect(live.errors[0]).toMatchObject({ file: 'broken/syntax.spec.ts', line: 3 });
    for (const name of ['syntax', 'dup', 'missingimport', 'throwsload', 'globalsetup']) {
      const verdict = conclusion({ events: report(name) });
      expect([name, verdict.outcome, verdict.errors[0]?.line === undefined]).toEqual([name, 'load_error', false]);
    }
  });

  test('no_tests for a spec without any, saying where to look', () => {
    for (const name of ['nofiles', 'emptyspec', 'grepnomatch']) {
      const verdict = conclusion({ events: report(name) });
      expect([name, verdict.outcome]).toEqual([name, 'no_tests']);
      expect(verdict.errors[0]?.message).toContain('tests/x.spec.ts');
    }
  });

  test('config_error with the text of the configuration when nothing was loaded', () => {
    const unknown = conclusion({ output: sample('badproject.stderr.txt') });
    expect(unknown.outcome).toBe('config_error');
    expect(unknown.errors[0]?.message).toContain(
      'Project(s) "nosuch", "pass.spec" not found. Available projects: "android"',
    );
    const throws = conclusion({ output: sample('configerror.stderr.txt') });
    expect(throws.errors[0]?.message).toContain('config exploded');
    expect(throws.errors[0]?.message).not.toContain('node_modules');
    const pinned = conclusion({
      output: 'Error: Fixture "device" cannot be overridden in the configuration "use" section.',
    });
    expect([pinned.outcome, pinned.errors[0]?.message]).toEqual([
      'config_error',
      expect.stringContaining('below 1.60'),
    ]);
  });

  test('failed at the first failure where the configuration stops there, the rest not run', () => {
    const verdict = conclusion({ events: report('maxfail') });
    expect(verdict.outcome).toBe('failed');
    expect(verdict.tests.filter((t) => t.status === 'not_run')).toHaveLength(7);
  });

  test('timed_out when the configuration limits the whole run', () => {
    expect(conclusion({ events: report('globaltimeout') }).outcome).toBe('timed_out');
  });

  test('infra_error when everything that failed failed for the device', () => {
    expect(conclusion({ events: stream('dies') }).outcome).toBe('infra_error');
    expect(conclusion({ events: stream('appwright') }).outcome).toBe('failed');
  });
});

describe('a run that was cut off', () => {
  test('is crashed when something else killed the runner, and the test it ran then failed', () => {
    for (const name of ['sigkill', 'sigterm', 'sigtermgroup']) {
      const verdict = conclusion({ events: stream(name), exit: { code: null, signal: 'SIGKILL' } });
      expect([name, verdict.outcome]).toEqual([name, 'crashed']);
      expect(verdict.errors[0]?.message).toContain('SIGKILL');
      expect(verdict.tests.map((t) => t.status)).toEqual([
        'passed',
        'failed',
        'failed',
        'not_run',
        'not_run',
        'not_run',
      ]);
    }
    expect(conclusion({ exit: { code: null, signal: 'SIGKILL' } }).outcome).toBe('crashed');
    expect(conclusion({ events: stream('sigint'), exit: { code: 130, signal: null } }).outcome).toBe('crashed');
  });

  test('is an infra_error when the machine had no space left', () => {
    const output = 'Error: ENOSPC: no space left on device, write';
    const verdict = conclusion({ events: stream('sigkill'), output });
    expect(verdict.outcome).toBe('infra_error');
  });

  test('is cancelled when it was asked to stop, and tests that had ended keep their results', () => {
    const verdict = conclusion({ events: stream('sigint'), stop: { why: 'cancelled' } });
    expect(verdict.outcome).toBe('cancelled');
    expect(verdict.tests.map((t) => t.status)).toEqual([
      'passed',
      'failed',
      'interrupted',
      'not_run',
      'not_run',
      'not_run',
    ]);
  });

  test('is timed_out with the limit named when a watchdog ended it', () => {
    const texts = (['job', 'start', 'idle'] as const).map((limit) => {
      const verdict = conclusion({ events: stream('sigkill'), stop: { why: 'timed_out', limit, seconds: 60 } });
      expect(verdict.outcome).toBe('timed_out');
      return verdict.errors[0]?.message;
    });
    expect(texts).toEqual([
      'The job took longer than its limit of 60 s.',
      'The runner had not loaded the tests after 60 s.',
      'The runner gave no sign of life for 60 s.',
    ]);
  });
});

describe('the event stream', () => {
  test('survives torn lines and events of other versions', () => {
    expect(parseEvent('{"v":1,"seq":3,"type":"testEn')).toBeNull();
    expect(parseEvent('{"v":1,"seq":3,"type":"novelty"}')).toBeNull();
    expect(parseEvent('')).toBeNull();
  });

  test('never places an error outside the project or in its packages', () => {
    const events = stream('syntax_plus_ok').map((event) =>
      event.type === 'error'
        ? {
            ...event,
            error: { message: 'x', stack: 'x\n    at f (/repo/node_modules/a/b.js:1:2)\n    at /repo/tests/a.ts:7:9' },
          }
        : event,
    );
    expect(conclusion({ events }).errors[0]).toEqual({ message: 'x', file: 'tests/a.ts', line: 7 });
    expect(conclusion({ events, root: '/elsewhere' }).errors.some((e) => e.file)).toBe(false);
  });
});
