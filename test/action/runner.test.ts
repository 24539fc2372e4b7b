import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runStep, type Step, startStep } from '../support/runner/run-step.ts';
import { runnersSignalTimes } from '../support/runner/step-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

/** An action of these scripts. */
function action(main: string, { post = '', postIf = 'always()', inputs = '' } = {}): string {
  const path = mkdtempSync(join(folder.path, 'action-'));
  const definition = ['name: planted', 'description: planted', inputs && `inputs:\n${inputs}`, 'runs:'];
  if (post) definition.push('  post: post.mjs', `  post-if: ${postIf}`);
  writeFileSync(join(path, 'action.yml'), [...definition, '  using: node24', '  main: main.mjs'].join('\n'));
  writeFileSync(join(path, 'main.mjs'), main);
  writeFileSync(join(path, 'post.mjs'), post);
  return path;
}

/** What becomes of an action that prints just this. */
const print = (text: string, step: Partial<Step> = {}) =>
  runStep({ action: action(`process.stdout.write(${JSON.stringify(text)})`), ...step });

const append = `import { appendFileSync } from 'node:fs';
const append = (name, text) => appendFileSync(process.env[name], text);`;

describe("a step's output on the test's runner", () => {
  test('a command counts where a line begins, blanks aside, and nowhere else', async () => {
    const { annotations, log } = await shownBy('::error::one\n  \t::warning::two\nsaid: ::error::no\n');
    expect(annotations).toEqual(['error one', 'warning two']);
    expect(log).toContain('said: ::error::no');
  });

  test('a carriage return begins a line too', async () => {
    const { annotations } = await shownBy('a test\r::error::from its title\r\n');
    expect(annotations).toEqual(['error from its title']);
  });

  test('the old form counts anywhere in a line', async () => {
    const { annotations } = await shownBy('a test named ##[error]of the old kind\n');
    expect(annotations).toEqual(['error of the old kind']);
  });

  test('stderr is read as stdout is', async () => {
    const { annotations } = await runStep({ action: action(`console.error('::notice::told aside')`) });
    expect(annotations).toMatchObject([{ kind: 'notice', message: 'told aside' }]);
  });

  test('an unknown command is text', async () => {
    const { executed, lines } = await print('::erro::x\n##[erro]y\n::error:: \n');
    expect(executed.map(({ command }) => command)).toEqual(['error']);
    expect(lines.slice(0, 2)).toEqual(['::erro::x', '##[erro]y']);
  });

  test('what an annotation says is decoded once, and its file is relative to the workspace', async () => {
    const properties = 'file=tests/a%2Cb.spec.ts,line=7,title=50%25 %3A done';
    const { annotations } = await print(`::error ${properties}::first%0Asecond %250A\n`);
    expect(annotations).toEqual([
      {
        kind: 'error',
        message: 'first\nsecond %0A',
        file: 'tests/a,b.spec.ts',
        line: '7',
        title: '50% : done',
        properties: {},
      },
    ]);
    const absolute = await runStep({
      action: action(`console.log('::error file=' + process.env.GITHUB_WORKSPACE + '/tests/a.spec.ts::x')`),
    });
    expect(absolute.annotations[0]?.file).toBe('tests/a.spec.ts');
  });

  test('ten annotations of each kind stay, of 4,096 characters each', async () => {
    const result = await print(`${'::error::e\n'.repeat(12)}::warning::${'w'.repeat(5000)}\n`);
    expect(result.annotations.map(({ kind }) => kind)).toEqual([...Array(10).fill('error'), 'warning']);
    expect(result.droppedAnnotations).toBe(2);
    expect(result.annotations.at(-1)?.message).toHaveLength(4096);
  });

  test('a stopped runner carries out nothing until it hears its token', async () => {
    const text = '::stop-commands::a1b2\n::error::no\nx ##[error]no\n::add-mask::no\n::A1B2::\n::error::yes\n';
    const { annotations, executed } = await print(text);
    expect(annotations.map(({ message }) => message)).toEqual(['yes']);
    expect(executed.map(({ command }) => command)).toEqual(['stop-commands', 'error']);
  });

  test('a token that is a command stops nothing and fails the step', async () => {
    const { conclusion, failed } = await print('::stop-commands::warning\n');
    expect([conclusion, failed]).toEqual(['failure', true]);
  });

  test('what could change the environment of later steps is refused and fails the step', async () => {
    const { conclusion, annotations } = await print('::set-env name=PATH::/tmp\n');
    expect(conclusion).toBe('failure');
    expect(annotations[0]?.message).toMatch(/set-env/);
  });

  test('each phase begins with commands carried out', async () => {
    const { post } = await runStep({
      action: action(`console.log('::stop-commands::never-resumed')`, { post: `console.log('::error::heard')` }),
    });
    expect(post?.annotations).toHaveLength(1);
  });
});

describe("a step's files on the test's runner", () => {
  test('outputs and state are read in both forms, and state reaches post as STATE_*', async () => {
    const main = `${append}
      append('GITHUB_OUTPUT', 'a=1=2\\nb<<END\\nx\\n\\ny=z\\nEND\\nc<<A=B\\nw\\nA=B\\n');
      append('GITHUB_STATE', 'isPost=true\\n');`;
    const result = await runStep({ action: action(main, { post: `console.log(process.env.STATE_isPost)` }) });
    expect(result.outputs).toEqual({ a: '1=2', b: 'x\n\ny=z', c: 'w' });
    expect(result.state).toEqual({ isPost: 'true' });
    expect(result.post?.lines).toEqual(['true']);
  });

  test('a file that is in neither form fails the step', async () => {
    const { conclusion } = await runStep({ action: action(`${append} append('GITHUB_OUTPUT', 'nonsense\\n')`) });
    expect(conclusion).toBe('failure');
  });

  test('a summary of 1 MiB is shown and one of a byte more is not', async () => {
    const summary = (bytes: number) =>
      runStep({ action: action(`${append} append('GITHUB_STEP_SUMMARY', 'x'.repeat(${bytes}))`) });
    expect((await summary(1024 * 1024)).summary).toHaveLength(1024 * 1024);
    const { summary: dropped, annotations } = await summary(1024 * 1024 + 1);
    expect([dropped, annotations.length]).toEqual(['', 1]);
  });
});

describe("a step's inputs on the test's runner", () => {
  const inputs = `  app-version-id: { description: left out }
  quoted: { default: true }
  matrix: { default: "\${{ toJSON(matrix) }}" }
  key: { default: "run-\${{ github.run_id }}-\${{ job.check_run_id }}" }`;
  const show = `for (const [k, v] of Object.entries(process.env)) if (k.startsWith('INPUT_')) console.log(k + '=' + v);`;

  test('names keep their hyphens, defaults are evaluated, and what is left out is empty', async () => {
    const { lines } = await runStep({
      action: action(show, { inputs }),
      matrix: { device: 'pixel' },
      github: { run_id: '77' },
      job: { check_run_id: 5 },
    });
    expect(lines.sort()).toEqual(
      [
        'INPUT_APP-VERSION-ID=',
        'INPUT_KEY=run-77-5',
        'INPUT_MATRIX={',
        '  "device": "pixel"',
        '}',
        'INPUT_QUOTED=true',
      ].sort(),
    );
  });

  test('outside a matrix it is null', async () => {
    const { lines } = await runStep({ action: action(show, { inputs }), inputs: { 'app-version-id': 'v1' } });
    expect(lines).toEqual(expect.arrayContaining(['INPUT_MATRIX=null', 'INPUT_APP-VERSION-ID=v1']));
  });

  test('the environment is the runner’s, with the event in its file, and nothing of this machine', async () => {
    const main = `import { readFileSync } from 'node:fs';
      const { GITHUB_EVENT_PATH, GITHUB_RUN_ATTEMPT, GITHUB_EVENT_NAME, VITEST = 'none' } = process.env;
      console.log(readFileSync(GITHUB_EVENT_PATH, 'utf8'), GITHUB_EVENT_NAME, GITHUB_RUN_ATTEMPT, VITEST);`;
    const { lines } = await runStep({
      action: action(main),
      event: { name: 'pull_request', payload: { number: 3 } },
      github: { run_attempt: '2' },
    });
    expect(lines).toEqual(['{"number":3} pull_request 2 none']);
  });
});

describe("secrets on the test's runner", () => {
  const secret = 'hunter2-hunter2-hunter2';

  test('are hidden in the log, in annotations and in the summary', async () => {
    const main = `${append} console.log('::add-mask::${secret}');
      console.log('it is ${secret}'); console.log('::error::${secret}!'); append('GITHUB_STEP_SUMMARY', '${secret}');`;
    const { lines, annotations, summary } = await runStep({ action: action(main) });
    expect(lines).toEqual(['it is ***', '##[error]***!']);
    expect([annotations[0]?.message, summary]).toEqual(['***!', '***']);
  });

  test.each([
    ['stdout', `console.log('${secret}')`],
    ['stdout', `console.log(Buffer.from('x${secret}').toString('base64'))`],
    ['stdout', `console.log('::error title=${secret}::x')`],
    ['stderr', `console.error('${secret}')`],
    ['output', `append('GITHUB_OUTPUT', 'k=${secret}\\n')`],
    ['state', `append('GITHUB_STATE', 'k=${secret}\\n')`],
    ['env', `append('GITHUB_ENV', 'k=${secret}\\n')`],
    ['step_summary', `append('GITHUB_STEP_SUMMARY', '${secret}')`],
  ])('one that stands in %s is seen: %s', async (place, statement) => {
    const { secretsSeen } = await runStep({ action: action(`${append} ${statement}`), secrets: [secret] });
    expect(secretsSeen).toEqual([`${secret} in ${place} of main`]);
  });

  test('one that is only masked is not', async () => {
    const { secretsSeen } = await print(`::add-mask::${secret}\nquiet\n`, { secrets: [secret] });
    expect(secretsSeen).toEqual([]);
  });

  test('one that was said before it was masked is', async () => {
    const { secretsSeen } = await print(`${secret}\n::add-mask::${secret}\n`);
    expect(secretsSeen).toHaveLength(1);
  });
});

describe("cancelling on the test's runner", () => {
  const stubborn = (...signals: string[]) => `
    for (const signal of ${JSON.stringify(signals)}) process.on(signal, () => console.log('got ' + signal));
    setInterval(() => {}, 1000); console.log('ready');`;
  const signalTimes = { sigtermAfterMs: 100, sigkillAfterMs: 200 };

  test('the times are those of the runner', () => {
    expect(runnersSignalTimes).toEqual({ sigtermAfterMs: 7500, sigkillAfterMs: 10_000 });
  });

  test('SIGINT ends what does not listen, and post runs all the same', async () => {
    const step = startStep({ action: action(stubborn(), { post: `console.log('swept')` }) });
    await step.said(/ready/);
    step.cancel();
    const { exitCode, conclusion, post } = await step.ended;
    expect([exitCode, conclusion, post?.lines]).toEqual(['SIGINT', 'cancelled', ['swept']]);
  });

  test('SIGTERM and SIGKILL follow', async () => {
    const step = startStep({ action: action(stubborn('SIGINT', 'SIGTERM')), signalTimes });
    await step.said(/ready/);
    step.cancel();
    const { exitCode, lines } = await step.ended;
    expect([exitCode, lines]).toEqual(['SIGKILL', ['ready', 'got SIGINT', 'got SIGTERM']]);
  });

  test('SIGKILL ends what the process started too', async () => {
    const main = `import { spawn } from 'node:child_process';
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); ${stubborn('SIGINT', 'SIGTERM')}`;
    const step = startStep({ action: action(main), signalTimes });
    await step.said(/ready/);
    step.cancel();
    // its pipes stay open as long as anything holds them
    expect((await step.ended).exitCode).toBe('SIGKILL');
  });

  test.each([
    ['success()', 0, true],
    ['success()', 3, false],
    ['failure()', 3, true],
    ['cancelled() || failure()', 3, true],
    ['cancelled()', 3, false],
  ])('post-if %s after exit %i runs post: %s', async (postIf, code, runs) => {
    const { post } = await runStep({ action: action(`process.exit(${code})`, { post: '1', postIf }) });
    expect(post !== null).toBe(runs);
  });

  test('a lost runner runs no post', async () => {
    const step = startStep({ action: action(stubborn(), { post: `console.log('swept')` }) });
    await step.said(/ready/);
    step.loseRunner();
    expect((await step.ended).post).toBeNull();
  });

  test('waiting for words that never come fails with the log', async () => {
    const step = startStep({ action: action(`console.log('something else')`) });
    await expect(step.said(/never/)).rejects.toThrow(/something else/);
  });
});

async function shownBy(text: string) {
  const { annotations, lines } = await print(text);
  return { annotations: annotations.map(({ kind, message }) => `${kind} ${message}`), log: lines };
}
