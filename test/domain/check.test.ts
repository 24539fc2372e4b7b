import { describe, expect, test } from 'vitest';
import { renderCheck } from '../../server/domain/check/check.ts';
import { quarantineKey } from '../../server/domain/quarantine.ts';
import { aCheckJob, aFailedTest, aView, publicUrl, sha } from './check-views.ts';
import { aTest } from './factories.ts';

const passed = aCheckJob([aTest()]);
const failed = aCheckJob([aFailedTest()]);

describe('the state of a check run', () => {
  test.each([
    ['passed', 'success', 'Passed: 1 test in 1 test file'],
    ['failed', 'failure', 'Failed: 1 of 1 test'],
    ['infra_error', 'failure', 'Infrastructure failed, not a test: 1 of 1 test file did not pass'],
    ['no_tests', 'failure', 'No tests were run'],
    ['timed_out', 'timed_out', 'Timed out: 1 of 1 test file did not pass'],
    ['cancelled', 'cancelled', 'Cancelled: 1 of 1 test file did not pass'],
    ['superseded', 'cancelled', 'Superseded by a newer run'],
  ] as const)('of a run that ended as %s is %s, and the title says which', (conclusion, shown, title) => {
    const job = conclusion === 'passed' ? passed : { ...failed, job: { ...failed.job, conclusion } };
    const output = renderCheck(aView([job], { run: { conclusion } }));
    expect(output).toMatchObject({ status: 'completed', conclusion: shown, title });
  });

  test('follows the run while it is open, and tells why it waits without telling the time', () => {
    const wait = {
      summary: 'Nothing is ahead; 1 of 1 device fits and the one online is busy.',
      etaSeconds: 130,
      suggestions: [],
    };
    const queued = renderCheck(aView([], { run: { status: 'queued', conclusion: null, jobsTotal: 3 }, wait }));
    expect(queued).toMatchObject({ status: 'queued', conclusion: null, annotations: [], actions: [] });
    expect(queued.title).toBe('Queued: 3 test files, starts in about 3 min');
    expect(queued.summary).toContain('the one online is busy');
    const run = {
      status: 'running' as const,
      conclusion: null,
      completedAt: null,
      jobsTotal: 3,
      jobsQueued: 1,
      jobsActive: 1,
    };
    const running = renderCheck(aView([failed], { run }));
    expect(running).toMatchObject({ status: 'in_progress', conclusion: null, annotations: [], actions: [] });
    expect(running.title).toBe('Running: 1 of 3 test files done, 1 failure so far');
  });

  test('of a run that waits for approval asks for action, and for nothing once the run has ended', () => {
    const open = aView([], { run: { status: 'queued', conclusion: null, awaitingApproval: true } });
    expect(renderCheck(open)).toMatchObject({
      status: 'completed',
      conclusion: 'action_required',
      title: "Waiting for a maintainer's approval",
    });
    expect(renderCheck(open).summary).toContain('`/qgjob run`');
    const ended = aView([failed], { run: { conclusion: 'cancelled', awaitingApproval: true } });
    expect(renderCheck(ended).conclusion).toBe('cancelled');
  });

  test('is the same each time it is rendered', () => {
    const view = aView([passed, failed], { wait: { summary: 'waits', etaSeconds: 3, suggestions: [] } });
    expect(renderCheck(structuredClone(view))).toEqual(renderCheck(view));
  });
});

describe('the summary', () => {
  const lost = aCheckJob([], {
    job: { id: 'job_2', conclusion: 'infra_error', reasonCode: 'infrastructure', reason: 'Agent bench-1 fell silent.' },
    attempt: { outcome: 'lost' },
  });
  const late = aCheckJob([], {
    job: { conclusion: 'timed_out', reasonCode: 'queue_timeout', reason: 'No device took it in time.' },
  });

  test('tells failures by who is to blame', () => {
    const { summary } = renderCheck(aView([failed, lost, late]));
    const [, tests = '', devices = '', infrastructure = ''] = summary.split('### ');
    expect(tests).toContain('Failed tests (1)');
    expect(tests).toContain(`https://github.com/octo/shop/blob/${sha}/e2e/tests/checkout.spec.ts#L14`);
    expect(devices).toContain('Failed devices, not tests (1)');
    expect(devices).toContain('Agent bench-1 fell silent.');
    expect(infrastructure).toContain('Failed infrastructure, not tests (1)');
    expect(infrastructure).toContain('No device took it in time.');
  });

  test('tells counts, installs, times and what was there before', () => {
    const counts = { total: 9, passed: 6, failed: 1, flaky: 1, skipped: 1 };
    const { summary } = renderCheck(aView([failed], { run: { counts, attempt: 2, retryOf: 'run_0' } }));
    expect(summary).toContain('**9 tests:** 6 passed, 1 failed, 1 flaky, 1 skipped.');
    expect(summary).toContain('1 made, 2 avoided, 1 min 5 s saved');
    expect(summary).toContain('30.0 s in the queue, 2 min 5 s running');
    expect(summary).toContain(`[run_1](${publicUrl}/runs/run_1), attempt 2`);
    expect(summary).toContain(`[run_0](${publicUrl}/runs/run_0)`);
  });

  test('tells what was flaky over attempts, and what was carried over with its source', () => {
    const flaky = aCheckJob([aTest()]);
    const twice = {
      ...flaky,
      attempts: [...aCheckJob([aFailedTest()]).attempts, ...flaky.attempts],
    };
    const carried = aCheckJob([aTest()], { job: { carriedFrom: 'job_0' }, carriedFromRun: 'run_0' });
    const { summary } = renderCheck(aView([twice, carried]));
    expect(summary).toContain('### Flaky: failed, then passed (1)');
    expect(summary).toContain('### Not run again: passed before (1 of 2 test files)');
    expect(summary).toContain(`[run_0](${publicUrl}/runs/run_0#job_0)`);
  });

  test('tells failures in quarantine apart, whether they let their job pass or not', () => {
    const other = aFailedTest({ id: 'other', title_path: ['other'] });
    const known = quarantineKey({ testPath: passed.job.testPath, titlePath: ['other'] });
    const excused = aCheckJob([aFailedTest()], { job: { conclusion: 'passed', reasonCode: null } });
    const mixed = aCheckJob([aFailedTest(), other]);
    const output = renderCheck(aView([excused, mixed], { quarantined: new Set([known]) }));
    expect(output.summary).toContain('### Failed tests (1)');
    expect(output.summary).toContain('### Failed in quarantine (2)');
    expect(output.annotations.map(({ level }) => level)).toEqual(['failure', 'warning', 'warning']);
    expect(output.title).toBe('Failed: 1 of 3 tests');
  });
});

describe('the buttons', () => {
  const identifiers = (...args: Parameters<typeof aView>) =>
    renderCheck(aView(...args)).actions.map(({ identifier }) => identifier);

  test('keep to the lengths that GitHub takes', () => {
    const { actions } = renderCheck(aView([passed, failed]));
    expect(actions).toHaveLength(3);
    for (const { identifier, label, description } of actions) {
      expect(identifier.length).toBeLessThanOrEqual(20);
      expect(label.length).toBeLessThanOrEqual(20);
      expect(description.length).toBeLessThanOrEqual(40);
    }
  });

  test('are those that would do something', () => {
    expect(identifiers([passed, failed])).toEqual(['rerun_failed', 'rerun_other', 'quarantine']);
    expect(identifiers([failed])).toEqual(['rerun_other', 'quarantine']);
    expect(identifiers([passed])).toEqual(['rerun_other']);
    expect(identifiers([failed], { run: { conclusion: 'superseded' } })).toEqual([]);
    expect(identifiers([failed], { run: { status: 'running', conclusion: null } })).toEqual([]);
    const quarantined = new Set([quarantineKey({ testPath: failed.job.testPath, titlePath: aTest().title_path })]);
    expect(identifiers([passed, failed], { quarantined })).toEqual(['rerun_failed', 'rerun_other']);
  });
});
