import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitSections, utf8Bytes } from '../../contract/markdown.ts';
import { renderCheck } from '../../server/domain/check/check.ts';
import type { CheckOutput } from '../../server/domain/check/output.ts';
import { activeNodes, codeIn } from '../support/markdown.ts';
import { aCheckJob, aFailedTest, aView, ownLinks } from './check-views.ts';

const most = 65_535;

function mustFit({ title, summary, text, annotations, actions }: CheckOutput): void {
  expect(title.length).toBeLessThanOrEqual(255);
  for (const markdown of [summary, text]) {
    expect(utf8Bytes(markdown)).toBeLessThanOrEqual(most);
    expect(markdown.isWellFormed()).toBe(true);
    expect(activeNodes(markdown, { links: ownLinks })).toEqual([]);
  }
  expect(annotations.length).toBeLessThanOrEqual(200);
  expect(actions.length).toBeLessThanOrEqual(3);
  for (const { path, title, message, startLine, endLine } of annotations) {
    expect(path).toMatch(/^(?!\/)(?![A-Za-z]:)[^\\\n\r]+$/);
    expect(path.split('/')).not.toEqual(expect.arrayContaining(['..']));
    expect(path.split('/')).not.toContain('node_modules');
    expect(startLine).toBeGreaterThanOrEqual(1);
    expect(endLine).toBe(startLine);
    expect(title.length).toBeGreaterThan(0);
    expect(title.length).toBeLessThanOrEqual(255);
    expect(title.isWellFormed()).toBe(true);
    expect(message.length).toBeGreaterThan(0);
    expect(utf8Bytes(message)).toBeLessThanOrEqual(65_536);
    expect(message.isWellFormed()).toBe(true);
  }
}

/** So many failures in files of ten tests each. */
function failures(count: number, title = 'pays', message = 'expected 401, got 200') {
  const tests = Array.from({ length: count }, (_, n) =>
    aFailedTest({ id: `t${n}`, title_path: [`${title} ${n}`], line: n + 1, errors: [{ message }] }),
  );
  return Array.from({ length: Math.ceil(count / 10) }, (_, n) =>
    aCheckJob(tests.slice(n * 10, n * 10 + 10), { job: { id: `job_${n}`, testPath: `tests/${n}.spec.ts` } }),
  );
}

describe('the limits of GitHub', () => {
  test.each([0, 1, 50, 51, 200, 5000])('are kept with %i failures', (count) => {
    const output = renderCheck(aView(failures(count)));
    mustFit(output);
    expect(output.annotations).toHaveLength(Math.min(count, 200));
    const shown = Math.min(count, 100);
    expect(output.summary.match(/#job_\d+\)/g)?.length ?? 0).toBe(shown);
    expect(output.summary.includes(`and ${count - 100} more: [the whole run]`)).toBe(count > 100);
    expect(output.text.includes('**There is more:** [the whole run]')).toBe(count >= 5000);
  });

  test('are kept with characters of four bytes, and what was cut says so', () => {
    const [{ title } = { title: '' }] = renderCheck(aView(failures(1, 'a'.repeat(1000)))).annotations;
    expect(title).toHaveLength(255);
    const output = renderCheck(aView(failures(300, '😀'.repeat(2000), '🚀'.repeat(20_000))));
    mustFit(output);
    expect(output.annotations[0]?.title).toMatch(/^(😀){127}…$/u);
    expect(utf8Bytes(output.annotations[0]?.message ?? '')).toBeGreaterThan(16_380);
    expect(utf8Bytes(output.annotations[0]?.message ?? '')).toBeLessThanOrEqual(16_384);
    expect(output.summary).toContain('more: [the whole run]');
    expect(output.text).toContain('**There is more:** [the whole run]');
    expect(utf8Bytes(output.summary)).toBeGreaterThan(most - 2000);
  });

  test('let through a text of exactly 65,535 bytes, and cut one of a byte more', () => {
    const sizes = (filler: string) => {
      const jobs = failures(10, '😀', `${'🚀\n'.repeat(1200)}`);
      jobs.push(aCheckJob([aFailedTest({ id: 'last', title_path: ['last'], errors: [{ message: filler }] })]));
      return renderCheck(aView(jobs));
    };
    const short = utf8Bytes(sizes('a').text);
    const exact = sizes('a'.repeat(1 + most - short));
    expect(utf8Bytes(exact.text)).toBe(most);
    expect(exact.text).not.toContain('There is more');
    const cut = sizes('a'.repeat(2 + most - short));
    expect(cut.text).toContain('There is more');
    mustFit(exact);
    mustFit(cut);
  });

  test('let through sections of emoji that make exactly 65,535 bytes', () => {
    const sections = ['😀'.repeat(16_382), 'abcde'];
    expect(utf8Bytes(fitSections(sections, most, 'more'))).toBe(most);
    expect(fitSections([...sections.slice(0, 1), 'abcdef'], most, 'more')).toBe(`${sections[0]}\n\nmore`);
  });

  test('are kept with whatever runners may report', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('`', '|', '\\', '\n', '@', '<', '😀', '\ud800', ' ', 'a'), maxLength: 300 }),
      fc.constantFrom(
        '../../etc/passwd',
        '/etc/passwd',
        'C:\\x',
        'node_modules/x.js',
        'a/../../b',
        'file:///x',
        './a.ts',
      ),
    );
    const reported = fc.record({
      title_path: fc.array(text, { maxLength: 3 }),
      title: text,
      file: text,
      line: fc.nat(50),
      errors: fc.array(fc.record({ message: text, file: text, line: fc.integer({ min: 1, max: 99 }) }), {
        maxLength: 3,
      }),
    });
    const jobs = fc.array(
      fc.record({ tests: fc.array(reported, { maxLength: 4 }), testPath: text, reason: text, device: text }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(jobs, text, (generated, projectDir) => {
        const views = generated.map(({ tests, device, ...job }) =>
          aCheckJob(
            tests.map((test, n) => aFailedTest({ ...test, id: String(n) })),
            { job: { ...job, conclusion: 'failed' }, attempt: { device } },
          ),
        );
        const run = { conclusion: 'failed' as const, github: { repository: 'octo/shop', project_dir: projectDir } };
        mustFit(renderCheck(aView(views, { run })));
      }),
      { numRuns: 300 },
    );
  });
});

describe('annotations', () => {
  const of = (errors: { message: string; file?: string; line?: number }[], file = 'tests/pay.spec.ts') =>
    renderCheck(aView([aCheckJob([aFailedTest({ errors, file, line: 0 })])])).annotations;

  test('stand at the first place of the repository that the failure tells, by its path there', () => {
    const [annotation] = of([
      { message: 'x', file: '/home/agent/work/a.ts', line: 1 },
      { message: 'x', file: 'node_modules/lib/index.js', line: 2 },
      { message: 'x', file: '../../outside.ts', line: 3 },
      { message: 'x', file: '../shared/login.ts', line: 4 },
    ]);
    expect(annotation).toMatchObject({ path: 'shared/login.ts', startLine: 4, level: 'failure' });
  });

  test('stand at the first line of a file where no line is known, and nowhere where no file is', () => {
    expect(of([{ message: 'x' }])).toMatchObject([{ path: 'e2e/tests/pay.spec.ts', startLine: 1 }]);
    const nowhere = aCheckJob([aFailedTest({ errors: [{ message: 'told' }], file: '/x' })], {
      job: { testPath: '/x' },
    });
    const { annotations, text } = renderCheck(aView([nowhere]));
    expect(annotations).toEqual([]);
    expect(text).toContain('told');
  });

  test('never stand beside code for what the infrastructure did', () => {
    const job = { conclusion: 'infra_error' as const, reasonCode: 'infrastructure' as const };
    const lost = aCheckJob([aFailedTest()], { job, attempt: { outcome: 'infra_error' } });
    expect(renderCheck(aView([lost])).annotations).toEqual([]);
  });

  test('show different causes before repetitions of one', () => {
    const tests = ['same', 'same', 'other', 'same'].map((message, n) =>
      aFailedTest({ id: `${n}`, line: n + 1, errors: [{ message: `${message}\nat ${n}` }] }),
    );
    const { annotations } = renderCheck(aView([aCheckJob(tests)]));
    expect(annotations.map(({ message }) => message.split('\n')[0])).toEqual(['same', 'other', 'same', 'same']);
  });
});

describe('text from outside', () => {
  test('is shown as it is, bars and backticks included', () => {
    const title = 'a | b || `c` \\| d';
    const { summary, text } = renderCheck(aView([aCheckJob([aFailedTest({ title_path: [title] })])]));
    for (const markdown of [summary, text]) {
      const code = codeIn(markdown).map((each) => each.trim());
      expect(code).toEqual(expect.arrayContaining(['a', 'b', '`c` \\', 'd']));
    }
  });
});
