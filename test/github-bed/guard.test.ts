import { describe, expect, test } from 'vitest';
import { annotation, annotations, ask, properHeaders, shop } from './support/client.ts';

const output = (more: object = {}) => ({ output: { title: 'T', summary: 'S', ...more } });
const noted = (overrides: object) => output({ annotations: [annotation(overrides)] });
const action = (overrides: object = {}) => ({
  label: 'Again',
  description: 'Once more',
  identifier: 'again',
  ...overrides,
});

/** What GitHub refuses, and where its refusal is written: in its description, or in prose only. */
const refused: [string, object][] = [
  ['51 annotations', output({ annotations: annotations(51) })],
  ['a summary of 65,536 characters', output({ summary: 'x'.repeat(65_536) })],
  ['a text of 65,536 characters', output({ text: 'x'.repeat(65_536) })],
  ['a summary of 65,536 bytes in fewer characters', output({ summary: '😀'.repeat(16_384) })],
  ['a text of 65,537 bytes in fewer characters', output({ text: `${'😀'.repeat(16_384)}x` })],
  ['4 actions', { actions: [1, 2, 3, 4].map(() => action()) }],
  ['a label of 21 characters', { actions: [action({ label: 'x'.repeat(21) })] }],
  ['a description of 41 characters', { actions: [action({ description: 'x'.repeat(41) })] }],
  ['an identifier of 21 characters', { actions: [action({ identifier: 'x'.repeat(21) })] }],
  ['an output without a summary', { output: { title: 'T' } }],
  ['an annotation level that is none', noted({ annotation_level: 'error' })],
  ['a line that is no integer', noted({ start_line: 1.5 })],
  ['an annotation without a message', noted({ message: undefined })],
  ['an instant that is none', { started_at: 'yesterday' }],
  ['a conclusion that is none', { conclusion: 'passed' }],
  ['the conclusion that only GitHub draws', { conclusion: 'stale' }],
  ['completed without a conclusion', { status: 'completed' }],
  ['completed_at without a conclusion', { completed_at: '2026-11-23T00:00:00Z' }],
  ['an unknown property', { conclusoin: 'success' }],
  ['an unknown property of the output', output({ sumary: 'S' })],
  ['an unknown property of an annotation', noted({ line: 1 })],
  ['an unknown property of an action', { actions: [action({ id: 'again' })] }],
  ['line 0', noted({ start_line: 0 })],
  ['lines backwards', noted({ start_line: 5, end_line: 4 })],
  ['columns on several lines', noted({ end_line: 2, start_column: 1 })],
  ['an end column on several lines', noted({ end_line: 2, end_column: 1 })],
  ['column 0', noted({ start_column: 0 })],
  ['an absolute path', noted({ path: '/home/ada/a.spec.ts' })],
  ['a path of Windows', noted({ path: 'tests\\a.spec.ts' })],
  ['a path on a drive', noted({ path: 'C:/tests/a.spec.ts' })],
  ['a path out of the repository', noted({ path: 'tests/../../a.spec.ts' })],
  ['an empty path', noted({ path: '' })],
  ['a message of more than 64 KB', noted({ message: '😀'.repeat(16_385) })],
  ['raw details of more than 64 KB', noted({ raw_details: 'x'.repeat(65_537) })],
  ['an annotation title of 256 characters', noted({ title: 'x'.repeat(256) })],
  ['a details URL that is none', { details_url: 'runs/1' }],
];

describe('the guard', () => {
  test('refuses with 422 what GitHub refuses, in a new check run and in a changed one, and keeps it', async () => {
    const { github, post, patch } = await shop();
    const { body } = await post({});
    const [before] = github.checkRuns();
    const untouched = structuredClone({ ...before, suite: null });
    const accepted: string[] = [];
    for (const [what, fields] of refused) {
      for (const send of [() => post(fields), () => patch(body.id, fields)]) {
        const seen = github.violations.length;
        const { status } = await send();
        if (status !== 422 || github.violations.length !== seen + 1) accepted.push(`${what}: ${status}`);
      }
    }
    expect(accepted).toEqual([]);
    expect(github.checkRuns()).toHaveLength(1);
    expect({ ...before, suite: null }).toEqual(untouched);
    expect(github.violations.filter(({ kind }) => kind !== 'request')).toEqual([]);
    expect(() => github.expectNoViolations()).toThrow('conclusoin');
  });

  test('lets pass what is exactly at a limit', async () => {
    const { github, post, patch } = await shop();
    const full = `${'😀'.repeat(16_383)}xyz`;
    expect(Buffer.byteLength(full)).toBe(65_535);
    const { status, body } = await post({
      status: 'in_progress',
      ...output({ summary: full, text: full, annotations: annotations(50) }),
      actions: [1, 2, 3].map(() =>
        action({ label: 'x'.repeat(20), description: 'x'.repeat(40), identifier: 'x'.repeat(20) }),
      ),
    });
    const at = await patch(body.id, {
      conclusion: 'failure',
      ...noted({ message: 'x'.repeat(65_536), title: '😀'.repeat(255), start_column: 1, end_column: 1 }),
    });
    expect([status, at.status]).toEqual([201, 200]);
    github.expectNoViolations();
  });

  test('refuses a new check run without a name or a commit', async () => {
    const { github, ask: inShop } = await shop();
    expect((await inShop('/check-runs', { method: 'POST', body: { name: 'e2e' } })).status).toBe(422);
    expect((await inShop('/check-runs', { method: 'POST', body: { head_sha: 'a'.repeat(40) } })).status).toBe(422);
    expect(github.violations).toHaveLength(2);
  });

  test('refuses parameters that the route does not know or that are no values of it', async () => {
    const { github, ask: inShop } = await shop();
    const paths = ['/pulls?stat=open', '/pulls?state=merged', '/pulls/one', '/pulls?per_page=many'];
    for (const path of paths) expect((await inShop(path)).status).toBe(422);
    expect(github.violations).toHaveLength(paths.length);
  });

  test('asks for the headers that GitHub wants', async () => {
    const { github, ask: inShop } = await shop();
    for (const name of Object.keys(properHeaders)) {
      const { status } = await inShop('', { headers: { [name]: '' } });
      expect([name, status]).toEqual([name, name === 'user-agent' ? 403 : 400]);
    }
    const untyped = { method: 'POST', body: { name: 'e2e' }, headers: { 'content-type': 'text/plain' } };
    expect((await inShop('/check-runs', untyped)).status).toBe(400);
    expect(github.violations.map(({ kind, misfits }) => [kind, misfits[0]?.field])).toEqual([
      ['headers', 'accept'],
      ['headers', 'user-agent'],
      ['headers', 'x-github-api-version'],
      ['headers', 'content-type'],
    ]);
  });

  test('judges what this GitHub says as well', async () => {
    const { github, post, ask: inShop } = await shop();
    const { body } = await post({});
    Object.assign(github.checkRuns()[0] ?? {}, { status: 'done' });
    await inShop(`/check-runs/${body.id}`);
    expect(github.violations).toMatchObject([{ kind: 'reply', misfits: [{ field: 'status' }] }]);
  });

  test('takes a body that is no JSON object for a violation', async () => {
    const { github, ask: inShop } = await shop();
    for (const body of ['{', '[]', '"e2e"']) {
      expect((await inShop('/check-runs', { method: 'POST', body })).status).toBe(400);
    }
    expect(github.violations).toHaveLength(3);
  });

  test('takes a route that GitHub does not have for a violation', async () => {
    const { github } = await shop();
    expect((await ask(`${github.apiUrl}/repos/acme/shop/check-run`)).status).toBe(404);
    expect(() => github.expectNoViolations()).toThrow('/repos/acme/shop/check-run');
  });
});
