import { describe, expect, test } from 'vitest';
import { readInputs } from '../../action/inputs.ts';
import { readWorkflow } from '../../action/workflow.ts';

const needed = { 'server-url': 'https://x', 'api-key': 'k', tests: 'tests', 'app-version-id': '1' };
const runner = {
  GITHUB_REPOSITORY: 'qualgent/shop',
  GITHUB_REPOSITORY_ID: '7',
  GITHUB_RUN_ID: '8',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'e2e',
  GITHUB_WORKFLOW: 'CI',
  GITHUB_ACTION: '__qualgent_qgjob-action',
  GITHUB_SHA: 'e'.repeat(40),
};

function read(given: { payload?: unknown; inputs?: Record<string, string>; env?: Record<string, string> } = {}) {
  const all: Record<string, string> = { ...needed, ...given.inputs };
  const inputs = readInputs((name) => all[name] ?? '');
  return readWorkflow({ name: 'push', payload: given.payload ?? {} }, { ...runner, ...given.env }, inputs);
}

describe('the tested commit', () => {
  const sha = (digit: string) => digit.repeat(40);
  const payload = {
    pull_request: { head: { sha: sha('b') } },
    workflow_run: { head_sha: sha('c') },
    merge_group: { head_sha: sha('d') },
  };
  const { pull_request: _, ...afterPullRequest } = payload;
  const { workflow_run: __, ...afterWorkflowRun } = afterPullRequest;

  test.each([
    ['the input', sha('a'), payload, { 'head-sha': sha('a') }],
    ['the head of the pull request, not its merge commit', sha('b'), payload, {}],
    ['the head of the workflow run', sha('c'), afterPullRequest, {}],
    ['the head of the merge group', sha('d'), afterWorkflowRun, {}],
    ['GITHUB_SHA', sha('e'), {}, {}],
  ])('is %s, before all that follow', (_name, expected, event, inputs) => {
    const workflow = read({ payload: event, inputs });
    expect(workflow.github.head_sha).toBe(expected);
    expect(workflow.blobUrl).toBe(`https://github.com/qualgent/shop/blob/${expected}/`);
  });
});

describe('the idempotency key', () => {
  test('names the execution by its check run', () => {
    expect(read({ inputs: { 'check-run-id': '99' } }).idempotencyKey).toBe('gha:7:8:2:99:__qualgent_qgjob-action');
  });

  test.each([
    ['attempt', { env: { GITHUB_RUN_ATTEMPT: '3' } }],
    ['job', { env: { GITHUB_JOB: 'other' } }],
    ['step', { env: { GITHUB_ACTION: 'other' } }],
    ['leg of the matrix', { inputs: { matrix: '{"os":"ios"}' } }],
  ])('is another for another %s, where the runner tells of no check run', (_name, given) => {
    expect(read(given).idempotencyKey).not.toBe(read().idempotencyKey);
    expect(read(given).idempotencyKey).toBe(read(given).idempotencyKey);
  });
});

describe('the check name', () => {
  test.each([
    ['that of the job', {}, 'qgjob / CI / e2e'],
    ['with the leg of a matrix', { inputs: { matrix: '{"os":"ios","v":[1]}' } }, 'qgjob / CI / e2e (ios, [1])'],
    [
      'with the number of a second step',
      { env: { GITHUB_ACTION: '__qualgent_qgjob-action_2' } },
      'qgjob / CI / e2e #2',
    ],
    ["with the step's own id", { env: { GITHUB_ACTION: 'smoke' } }, 'qgjob / CI / e2e / smoke'],
    ['the input', { inputs: { 'check-name': 'Phones' } }, 'Phones'],
  ])('is %s', (_name, given, expected) => {
    expect(read(given).github.check_name).toBe(expected);
  });

  test('and the step stay the same in every attempt', () => {
    const [first, second] = ['1', '2'].map((GITHUB_RUN_ATTEMPT) => read({ env: { GITHUB_RUN_ATTEMPT } }).github);
    expect([first?.check_name, first?.step]).toEqual([second?.check_name, second?.step]);
  });
});
