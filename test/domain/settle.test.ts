import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReportedOutcome } from '../../contract/words.ts';
import { type AttemptReport, type Budgets, counters, settle, settleLost } from '../../server/domain/settle.ts';
import { aJob, aTest } from './factories.ts';

const budgets: Budgets = {
  testRetries: 1,
  timeoutRetries: 1,
  infraRetries: 2,
  installRetries: 1,
  maxLosses: 3,
};
const report = (over: Partial<AttemptReport>): AttemptReport => ({ outcome: 'failed', tests: [], errors: [], ...over });
const failing = aTest({
  status: 'failed',
  errors: [{ message: 'expected 3, got 4', file: 'tests/a.spec.ts', line: 7 }],
});

describe('the result of an attempt', () => {
  test.each(['passed', 'flaky'] as const)('%s concludes passed', (outcome) => {
    expect(settle(aJob(), budgets, report({ outcome }))).toMatchObject({ kind: 'completed', conclusion: 'passed' });
  });

  test.each([
    ['failed', 'test', 1, 'failed', 'test_failed'],
    ['timed_out', 'timeout', 1, 'timed_out', 'job_timeout'],
    ['crashed', 'infrastructure', 2, 'failed', 'crashed'],
  ] as const)('%s spends the %s budget of %i, then concludes %s (%s)', (outcome, kind, budget, conclusion, code) => {
    const result = report({ outcome });
    expect(settle(aJob(), budgets, result)).toMatchObject({
      kind: 'requeued',
      spends: { class: kind, spent: 1, budget },
    });
    expect(settle(aJob({ [counters[kind]]: budget }), budgets, result)).toMatchObject({
      kind: 'completed',
      conclusion,
      reasonCode: code,
    });
  });

  test.each([
    ['load_error', 'failed'],
    ['config_error', 'failed'],
    ['no_tests', 'no_tests'],
  ] as const)('%s concludes %s at once: it would end the same way again', (outcome, conclusion) => {
    expect(settle(aJob(), budgets, report({ outcome }))).toMatchObject({
      kind: 'completed',
      conclusion,
      reasonCode: outcome,
      spends: null,
    });
  });

  test('infra_error spends the infrastructure budget, then concludes infra_error', () => {
    const result = report({ outcome: 'infra_error', errors: [{ message: 'adb: device offline' }] });
    expect(settle(aJob({ infraFailures: 1 }), budgets, result)).toEqual({
      kind: 'requeued',
      reason: 'Retry 2 of 2. The infrastructure failed: adb: device offline',
      spends: { class: 'infrastructure', spent: 2, budget: 2 },
    });
    expect(settle(aJob({ infraFailures: 2 }), budgets, result)).toMatchObject({
      kind: 'completed',
      conclusion: 'infra_error',
      reasonCode: 'infrastructure',
    });
  });

  test('an install that failed has a budget of its own', () => {
    const result = report({ outcome: 'infra_error', installFailed: true, errors: [{ message: 'adb: no space' }] });
    expect(settle(aJob({ infraFailures: 9, testFailures: 9 }), budgets, result)).toEqual({
      kind: 'requeued',
      reason: 'Retry 1 of 1. The app could not be installed: adb: no space',
      spends: { class: 'install', spent: 1, budget: 1 },
    });
    expect(settle(aJob({ installFailures: 1 }), budgets, result)).toMatchObject({
      kind: 'completed',
      conclusion: 'infra_error',
      spends: { class: 'install', spent: 2, budget: 1 },
    });
  });

  test('cancelled by the agent on its own goes back and spends nothing', () => {
    expect(settle(aJob(), budgets, report({ outcome: 'cancelled' }))).toMatchObject({ kind: 'requeued', spends: null });
  });
});

test('each kind of failure spends its own budget and no other: infrastructure never that of tests', () => {
  const anyOutcome = fc.constantFrom(...ReportedOutcome.options);
  fc.assert(
    fc.property(anyOutcome, fc.nat(4), fc.nat(4), fc.nat(2), (outcome, testFailures, infraFailures, losses) => {
      const { spends } = settle(aJob({ testFailures, infraFailures, losses }), budgets, report({ outcome }));
      const allowed = {
        failed: 'test',
        timed_out: 'timeout',
        crashed: 'infrastructure',
        infra_error: 'infrastructure',
      };
      expect(spends?.class ?? null).toBe(Object.entries(allowed).find(([name]) => name === outcome)?.[1] ?? null);
    }),
  );
});

test('whatever is reported again and again, a job ends within its budgets, agents that stop on their own aside', () => {
  const outcomes = ReportedOutcome.options.filter((outcome) => outcome !== 'cancelled');
  fc.assert(
    fc.property(fc.infiniteStream(fc.constantFrom(...outcomes, 'lost' as const)), (stream) => {
      const job = aJob();
      for (let attempts = 1; attempts <= 1 + 1 + 1 + 2 + 1 + 2; attempts++) {
        const outcome = stream.next().value;
        const settled =
          outcome === 'lost'
            ? settleLost(job, budgets, ['agent-1'], true)
            : settle(job, budgets, report({ outcome: outcome ?? 'failed', installFailed: attempts % 2 === 0 }));
        if (settled.kind === 'completed') return;
        if (settled.spends) job[counters[settled.spends.class]]++;
      }
      expect.fail('still requeued after every budget must be spent');
    }),
  );
});

describe('a job whose cancellation was asked for', () => {
  test('is never tried again, whatever happens to it', () => {
    const outcome = fc.constantFrom(...ReportedOutcome.options);
    fc.assert(
      fc.property(outcome, (reported) => {
        const settled = settle(aJob({ cancelRequested: true }), budgets, report({ outcome: reported }));
        const passed = reported === 'passed' || reported === 'flaky';
        expect(settled).toMatchObject({ kind: 'completed', conclusion: passed ? 'passed' : 'cancelled' });
      }),
    );
    for (const started of [true, false]) {
      expect(settleLost(aJob({ cancelRequested: true }), budgets, ['a'], started)).toMatchObject({
        kind: 'completed',
        conclusion: 'cancelled',
        reasonCode: 'cancelled_by_user',
      });
    }
  });

  test('because of a newer run concludes superseded, because its client left says so', () => {
    const superseded = aJob({ cancelRequested: true, reasonCode: 'superseded', reason: 'Superseded by run_2.' });
    expect(settle(superseded, budgets, report({ outcome: 'cancelled' }))).toMatchObject({
      conclusion: 'superseded',
      reason: 'Superseded by run_2.',
      reasonCode: 'superseded',
    });
    const left = aJob({ cancelRequested: true, reasonCode: 'client_left' });
    expect(settle(left, budgets, report({ outcome: 'cancelled' }))).toMatchObject({
      conclusion: 'cancelled',
      reasonCode: 'client_left',
    });
  });
});

describe('a lost agent', () => {
  test('that had not started the job costs it nothing, however often', () => {
    expect(settleLost(aJob({ losses: 2 }), budgets, ['a', 'b', 'c'], false)).toMatchObject({
      kind: 'requeued',
      spends: null,
    });
  });

  test('that ran the job costs it one of three losses, and the job is quarantined at the third, naming the agents', () => {
    expect(settleLost(aJob({ losses: 1 }), budgets, ['mac-1', 'mac-2'], true)).toEqual({
      kind: 'requeued',
      reason: 'Agent mac-2 fell silent while it ran the job (2 of 3 before quarantine).',
      spends: { class: 'lost', spent: 2, budget: 2 },
    });
    expect(settleLost(aJob({ losses: 2 }), budgets, ['mac-1', 'mac-2', 'mac-1'], true)).toEqual({
      kind: 'completed',
      conclusion: 'infra_error',
      reason:
        'Quarantined: 3 times an agent fell silent while it ran the job (mac-1, mac-2); the test may be what kills it.',
      reasonCode: 'quarantined',
      spends: { class: 'lost', spent: 3, budget: 2 },
    });
  });
});

describe('a reason', () => {
  const reasonOf = (over: Partial<AttemptReport>, given = budgets) =>
    settle(aJob({ testFailures: 1, timeouts: 1 }), given, report(over)).reason;

  test('of failed tests says how many of how many, the first message and where', () => {
    const tests = [failing, aTest({ id: 'b' }), aTest({ id: 'c' })];
    expect(reasonOf({ tests })).toBe('1 of 3 tests failed: expected 3, got 4, at tests/a.spec.ts:7');
  });

  test('falls back to the place of the test, and to its title', () => {
    const tests = [aTest({ status: 'failed', errors: [{ message: 'boom' }] })];
    expect(reasonOf({ tests })).toBe('1 of 1 test failed: boom, at tests/checkout.spec.ts:12');
    expect(reasonOf({ tests: [aTest({ status: 'failed' })] })).toBe(
      '1 of 1 test failed: pays with a card, at tests/checkout.spec.ts:12',
    );
  });

  test('counts a test by its last retry', () => {
    expect(reasonOf({ tests: [failing, aTest({ retry: 1 }), { ...failing, id: 'b' }] })).toContain(
      '1 of 2 tests failed',
    );
  });

  test('of tests that all timed out has the code test_timed_out', () => {
    const timedOut = report({ tests: [aTest({ status: 'timed_out' })] });
    expect(settle(aJob({ testFailures: 1 }), budgets, timedOut)).toMatchObject({ reasonCode: 'test_timed_out' });
  });

  test('of a time limit says which limit, and where the job stood', () => {
    const tests = [aTest({ status: 'interrupted' })];
    expect(reasonOf({ outcome: 'timed_out', tests }, { ...budgets, timeoutSeconds: 90 })).toBe(
      "The job's time limit of 90 s (timeout_seconds) ran out: pays with a card, at tests/checkout.spec.ts:12",
    );
  });

  test('of a spec that does not load names file and line', () => {
    const errors = [{ message: 'SyntaxError: Missing semicolon. (4:9)\n  3 |', file: 'tests/a.spec.ts', line: 4 }];
    expect(reasonOf({ outcome: 'load_error', errors })).toBe(
      'The spec does not load: SyntaxError: Missing semicolon. (4:9), at tests/a.spec.ts:4',
    );
  });

  test('is one printable line of at most some 400 characters, whatever a test writes', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 400 });
    const outcome = fc.constantFrom(...ReportedOutcome.options);
    fc.assert(
      fc.property(outcome, hostile, hostile, hostile, (reported, message, file, title) => {
        const errors = [{ message: `\u001b[31m${message}`, file, line: 3 }];
        const reason = reasonOf({
          outcome: reported,
          errors,
          tests: [aTest({ status: 'failed', title, errors, file })],
        });
        expect(reason ?? '').not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect([...(reason ?? '')].length).toBeLessThan(400);
      }),
    );
  });

  test('keeps no colours of a terminal', () => {
    expect(
      reasonOf({ tests: [aTest({ status: 'failed', errors: [{ message: '\u001b[31mError:\u001b[39m no' }] })] }),
    ).toBe('1 of 1 test failed: Error: no, at tests/checkout.spec.ts:12');
  });
});
