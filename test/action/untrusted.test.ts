import { expect, test } from 'vitest';
import { runStep, type Step } from '../support/runner/run-step.ts';
import { action, commandsOf, over } from './support/bench.ts';

const base = { full_name: 'qualgent/shop' };

/** What a pull request from `repo` makes of a step whose secrets and variables are then empty. */
const pullRequestFrom = (repo: { full_name: string } | null, inputs: Record<string, string> = {}): Step => ({
  action,
  inputs: { 'server-url': '', 'org-id': '', 'api-key': '', 'app-version-id': '1.0', tests: 'tests', ...inputs },
  event: {
    name: 'pull_request',
    payload: {
      pull_request: { number: 7, head: { sha: 'a'.repeat(40), repo }, base: { repo: base } },
      repository: base,
    },
  },
});

test.each([
  ['from a fork', pullRequestFrom({ full_name: 'somebody/shop' })],
  ['from a fork that is gone', pullRequestFrom(null)],
  ["that Dependabot opened, in the repository's own name", dependabot()],
])('a pull request %s is skipped with a notice', async (_, step) => {
  const result = await over(runStep(step));
  expect(result).toMatchObject({ exitCode: 0, conclusion: 'success', outputs: { status: 'skipped-untrusted' } });
  expect(result.annotations).toMatchObject([{ kind: 'notice', title: 'qgjob: not run' }]);
  expect(result.annotations[0]?.message).not.toContain('pull_request_target');
  expect(commandsOf(result)).toEqual(['notice']);
  expect(result.post).toMatchObject({ exitCode: 0, lines: [] });
});

test('fail-on-untrusted makes that a failure', async () => {
  const step = pullRequestFrom({ full_name: 'somebody/shop' }, { 'fail-on-untrusted': 'true' });
  const result = await over(runStep(step));
  expect(result).toMatchObject({ exitCode: 1, conclusion: 'failure', outputs: { status: 'skipped-untrusted' } });
  expect(result.annotations).toMatchObject([{ kind: 'error', message: expect.stringMatching(/comes from a fork/) }]);
});

test('a pull request of the repository itself is not skipped: it is told what is missing', async () => {
  const result = await over(runStep(pullRequestFrom(base)));
  expect(result).toMatchObject({ exitCode: 1, annotations: [{ kind: 'error' }] });
  expect(result.outputs).not.toHaveProperty('status');
});

function dependabot(): Step {
  const { event, ...step } = pullRequestFrom(base);
  return { ...step, ...(event ? { event } : {}), github: { actor: 'dependabot[bot]' } };
}
