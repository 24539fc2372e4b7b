import { describe, expect, test } from 'vitest';
import type { Output } from '../../cli/io.ts';
import { createProgress } from '../../cli/render/progress.ts';
import { styleFor } from '../../cli/render/style.ts';
import { renderTable } from '../../cli/render/table.ts';
import { widthOf } from '../../cli/render/width.ts';
import { aJob, anAttempt } from './support/resources.ts';

interface Screen extends Output {
  written: string;
  /** What a terminal shows of all that was written: obeys 'up n lines' and 'erase to the end', as the progress uses them. */
  lines(): string[];
}

function aScreen({ columns = 80, rows = 24 } = {}): Screen {
  const screen: Screen = {
    written: '',
    isTTY: true,
    columns,
    rows,
    write(text) {
      screen.written += text;
    },
    lines() {
      const shown: string[] = [];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's sequences
      for (const part of screen.written.split(/(\x1b\[\d+A\x1b\[J|\n)/)) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's sequences
        const up = /^\x1b\[(\d+)A/.exec(part)?.[1];
        if (up) shown.splice(shown.length - Number(up));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's sequences
        else if (part !== '\n' && part !== '') shown.push(part.replace(/\x1b\[\d+m/g, ''));
      }
      return shown;
    },
  };
  return screen;
}

const job = (id: string, over: Parameters<typeof aJob>[0] = {}) =>
  aJob({ id, test_path: `tests/${id}.spec.ts`, ...over });
const ended = (id: string, conclusion: 'passed' | 'failed') => job(id, { status: 'completed', conclusion });

describe('in a terminal', () => {
  test('there is one line per job, drawn anew in place, with the totals below', () => {
    const screen = aScreen();
    const progress = createProgress(screen, {});
    progress.show([job('a'), job('b')]);
    progress.show([job('a', { status: 'running', attempts: [anAttempt()] }), job('b')]);
    const counts = { total: 3, passed: 3, failed: 0, flaky: 0, skipped: 0 };
    progress.show([job('a', { status: 'running', attempts: [anAttempt()], counts }), ended('b', 'passed')]);
    progress.end();
    expect(screen.lines()).toEqual([
      '▸ tests/a.spec.ts  running on pixel-1, 3 tests so far',
      '✓ tests/b.spec.ts  passed',
      '1 of 2 done, 1.0 s',
    ]);
  });

  test('what is said stays above', () => {
    const screen = aScreen();
    const progress = createProgress(screen, {});
    progress.show([job('a')]);
    progress.say('The server answers again.');
    progress.end();
    expect(screen.lines().slice(0, 2)).toEqual(['The server answers again.', '· tests/a.spec.ts  queued']);
  });

  test('what does not fit is left out, active and failed jobs last', () => {
    const screen = aScreen({ rows: 8 });
    const progress = createProgress(screen, {});
    const active = job('active', { status: 'running', attempts: [anAttempt()] });
    progress.show([...['a', 'b', 'c', 'd'].map((id) => ended(id, 'passed')), ended('e', 'failed'), job('f'), active]);
    progress.end();
    expect(screen.lines().map((line) => line.split('  ')[0])).toEqual([
      '▸ tests/active.spec.ts',
      '✗ tests/e.spec.ts',
      '· tests/f.spec.ts',
      '✓ tests/a.spec.ts',
      '',
      '5 of 7 done, 1 not passed, 1.0 s',
    ]);
  });

  test('no line is wider than the terminal, since a wrapped line could not be drawn over', () => {
    const screen = aScreen({ columns: 40 });
    const progress = createProgress(screen, {});
    progress.show([
      aJob({
        test_path: `tests/${'尺寸'.repeat(40)}.spec.ts`,
        status: 'completed',
        conclusion: 'failed',
        reason: 'x'.repeat(200),
      }),
    ]);
    progress.end();
    for (const line of screen.lines()) expect(widthOf(line)).toBeLessThan(40);
  });

  test('an upload is one line that goes when it is done', () => {
    const screen = aScreen();
    const progress = createProgress(screen, {});
    progress.task('Uploading: 10 %');
    progress.task('Uploading: 90 %');
    expect(screen.lines()).toEqual(['Uploading: 90 %']);
    progress.end();
    expect(screen.lines()).toEqual([]);
  });

  test('what stands below the last drawing is never drawn over', () => {
    const screen = aScreen();
    const progress = createProgress(screen, {});
    progress.show([job('a')]);
    progress.end();
    screen.write('the outcome\n');
    progress.end();
    progress.say('one more thing');
    expect(screen.lines().slice(2)).toEqual(['the outcome', 'one more thing']);
  });

  test('a terminal that does not tell its size is taken for one of 80 columns', () => {
    const screen = aScreen({ columns: 0, rows: 0 });
    const progress = createProgress(screen, {});
    progress.show([job('onboarding')]);
    progress.end();
    expect(screen.lines()[0]).toBe('· tests/onboarding.spec.ts  queued');
  });

  test('text of a test cannot move the cursor', () => {
    const screen = aScreen();
    const progress = createProgress(screen, { NO_COLOR: '1' });
    progress.show([aJob({ test_path: 'a\x1b[2Jb\x1b]0;t\x07' })]);
    progress.end();
    expect(screen.lines()[0]).toBe('· ab  queued');
  });
});

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', {}, {}, false],
  ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
  ['a pipe with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
  ['a terminal with FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, false],
])('in %s colours are decided', (_, output, env, coloured) => {
  expect(styleFor({ write: () => {}, ...output }, env)('red', 'x')).toBe(coloured ? '\x1b[31mx\x1b[39m' : 'x');
});

test('a pipe and a dumb terminal get plain lines', () => {
  for (const [over, env] of [
    [{ isTTY: false }, {}],
    [{ isTTY: true }, { TERM: 'dumb' }],
  ] as const) {
    const screen = { ...aScreen(), ...over };
    let written = '';
    const progress = createProgress(
      {
        ...screen,
        write: (text) => {
          written += text;
        },
      },
      env,
    );
    progress.task('Uploading: 10 %');
    progress.show([job('a')]);
    progress.show([job('a')]);
    progress.end();
    expect(written).toBe('· tests/a.spec.ts  queued\n');
  }
});

test('a table aligns foreign text by what a terminal shows of it', () => {
  const style = styleFor({ write: () => {} }, {});
  const text = renderTable(
    ['id', 'name'],
    [
      ['1', '尺寸\x1b[31m'],
      ['222', null],
    ],
    { style, empty: '' },
  );
  expect(text).toBe('ID   NAME\n1    尺寸\n222  -');
});
