import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { fill, unknownPlaceholders } from '../../agent/executors/command/command.ts';
import { parseJunit } from '../../agent/executors/command/junit.ts';
import { createTurns } from '../../agent/executors/command/turns.ts';
import { findMarked, runMarker } from '../../agent/processes/marks.ts';
import { WorkEnded } from '../../agent/work-ended.ts';
import { runCommandOn } from './support/command.ts';
import { temporaryFolder } from './support/project.ts';

const suite = (cases: string) =>
  `<?xml version="1.0"?><testsuites><testsuite name="s">${cases}</testsuite></testsuites>`;
const writes = (xml: string) => `fs.writeFileSync(report, ${JSON.stringify(xml)});`;

const maestro = suite(`
  <testcase id="login" name="login" classname="login" time="11.5" status="SUCCESS"/>
  <testcase id="logout" name="logout" classname="logout" time="2.0" status="ERROR">
    <failure>Assertion is false: "Bye" is visible</failure>
  </testcase>`);

describe('a command', () => {
  test("runs one test file and tells what its report says: Maestro's, here", async () => {
    const { done } = runCommandOn({ runner: `${writes(maestro)} process.exit(1)` });
    const { outcome, tests } = await done;
    expect(outcome).toBe('failed');
    expect(tests).toMatchObject([
      { title: 'login', status: 'passed', duration_ms: 11_500, file: 'flows/login.yaml', line: 0 },
      { title: 'logout', status: 'failed', errors: [{ message: 'Assertion is false: "Bye" is visible' }] },
    ]);
  });

  test('gets each word as it is, whatever a test file is called: no shell ever sees it', async () => {
    const testPath = `flows/$(touch oops) "a' ;{report} & b.yaml`;
    const said = suite('<testcase name="a"/>');
    const { done, projectDir } = runCommandOn({
      testPath,
      runner: `fs.writeFileSync('seen.json', JSON.stringify(args)); ${writes(said)}`,
    });
    expect((await done).outcome).toBe('passed');
    expect(JSON.parse(readFileSync(join(projectDir, 'seen.json'), 'utf8'))).toEqual([testPath]);
    expect(existsSync(join(projectDir, 'oops'))).toBe(false);
  });

  test('knows of this machine what every runner knows, and nothing of the agent', async () => {
    const { done, projectDir } = runCommandOn({
      runner: `fs.writeFileSync('env.json', JSON.stringify(process.env)); ${writes(suite('<testcase name="a"/>'))}`,
    });
    await done;
    const env = JSON.parse(readFileSync(join(projectDir, 'env.json'), 'utf8'));
    expect(env).toMatchObject({ ANDROID_SERIAL: 'd1', CI: '1' });
    expect(Object.keys(env).filter((name) => name.startsWith('VITEST') || name === 'QGJOB_API_KEY')).toEqual([]);
  });

  test('passes where a test passed when tried again, and says so', async () => {
    const flaky = suite(`<testcase name="a"><flakyFailure message="once">at first</flakyFailure></testcase>`);
    const { outcome, tests } = await runCommandOn({ runner: writes(flaky) }).done;
    expect(outcome).toBe('flaky');
    expect(tests.map(({ status, retry }) => [status, retry])).toEqual([
      ['failed', 0],
      ['flaky', 1],
    ]);
  });

  test('fails when its exit code says so, although every test passed', async () => {
    const { outcome, errors } = await runCommandOn({
      runner: `${writes(suite('<testcase name="a"/>'))} process.exit(3)`,
    }).done;
    expect(outcome).toBe('failed');
    expect(errors).toMatchObject([{ message: 'The runner ended with exit code 3 although no test failed.' }]);
  });

  test('fails when its report says so, although its exit code does not', async () => {
    expect((await runCommandOn({ runner: writes(maestro) }).done).outcome).toBe('failed');
  });

  test('has crashed when it ends badly without a report, and its last words are told', async () => {
    const { outcome, errors } = await runCommandOn({ runner: `console.error('no such flow'); process.exit(2)` }).done;
    expect(outcome).toBe('crashed');
    expect(errors[0]?.message).toMatch(/exit code 2.*no such flow/s);
  });

  test('is badly configured when it ends well without a report', async () => {
    expect((await runCommandOn({ runner: '' }).done).outcome).toBe('config_error');
  });

  test('failed by the machine when its last words tell of it', async () => {
    const runner = `console.error("device 'emulator-5554' not found"); process.exit(1)`;
    expect((await runCommandOn({ runner }).done).outcome).toBe('infra_error');
  });

  test('that is not installed is the agent’s failure, not the test’s', async () => {
    const { outcome, errors } = await runCommandOn({ argv: ['qgjob-no-such-program', '{test}'] }).done;
    expect(outcome).toBe('infra_error');
    expect(errors[0]?.message).toContain('not installed');
  });

  test('found no tests when its report has none', async () => {
    expect((await runCommandOn({ runner: writes(suite('')) }).done).outcome).toBe('no_tests');
  });

  test('is not judged by a report that an earlier run left', async () => {
    const { done } = runCommandOn({
      report: 'build/report.xml',
      files: { 'build/report.xml': suite('<testcase name="old"/>') },
    });
    expect((await done).outcome).toBe('config_error');
  });

  test('is not judged by the report of another device that runs in the same folder', async () => {
    const shared = { projectDir: temporaryFolder(), turns: createTurns(), report: 'junit.xml' };
    const runner = (name: string, ms: number, body = '') =>
      `fs.writeFileSync('junit.xml', ${JSON.stringify(suite(`<testcase name="${name}">${body}</testcase>`))}); setTimeout(() => {}, ${ms});`;
    const bad = runCommandOn({
      ...shared,
      testPath: 'bad.t',
      runner: runner('bad', 1500, '<failure message="boom"/>'),
    });
    const good = runCommandOn({ ...shared, testPath: 'good.t', runner: runner('good', 0) });
    expect((await bad.done).tests.map(({ title, status }) => [title, status])).toEqual([['bad', 'failed']]);
    expect((await good.done).tests.map(({ title, status }) => [title, status])).toEqual([['good', 'passed']]);
  });

  test('that waits for its turn ends at once when it is cancelled, and lets nobody in before its time', async () => {
    const shared = { projectDir: temporaryFolder(), turns: createTurns(), report: 'junit.xml' };
    const first = runCommandOn({
      ...shared,
      testPath: 'a.t',
      runner: `console.log('begun'); setTimeout(() => {}, 1500);`,
    });
    await first.printed('begun');
    const second = runCommandOn({ ...shared, testPath: 'b.t', runner: '' });
    const third = runCommandOn({
      ...shared,
      testPath: 'c.t',
      runner: `fs.writeFileSync('junit.xml', '<testsuite/>');`,
    });
    const order: string[] = [];
    void first.done.then(() => order.push('first'));
    void third.done.then(() => order.push('third'));
    await sleep(200); // waits its turn by now
    second.abort.abort(new WorkEnded('cancelled', 'no more'));
    expect((await second.done).outcome).toBe('cancelled');
    expect((await third.done).outcome).toBe('no_tests');
    expect(order).toEqual(['first', 'third']);
    expect((await first.done).outcome).toBe('config_error');
  });

  test('may write a folder of reports, whose attachments are files beside them', async () => {
    const one = suite('<testcase name="one"><system-out>x [[ATTACHMENT|shot.png]]</system-out></testcase>');
    const { done, projectDir } = runCommandOn({
      report: 'build/results',
      files: { 'build/results/deep/two.xml': suite('<testcase name="old"/>') },
      runner: `fs.writeFileSync('build/results/deep/one.xml', ${JSON.stringify(one)})`,
    });
    const { tests } = await done;
    const path = join(projectDir, 'build/results/deep/shot.png');
    expect(tests).toMatchObject([{ title: 'one', files: [{ name: 'shot.png', contentType: 'image/png', path }] }]);
    expect(tests).toHaveLength(1);
  });

  test('that takes too long is ended with everything it started', async () => {
    const hangs = `require('node:child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref();
      process.on('SIGINT', () => {}); setInterval(() => {}, 1000);`;
    const limits = { startMs: 1, idleMs: 60_000, graceMs: 100 };
    const { done, request } = runCommandOn({ runner: hangs, request: { timeoutMs: 1500, limits } });
    const { outcome, errors } = await done;
    expect(outcome).toBe('timed_out');
    expect(errors[0]?.message).toContain('limit of 1.5 s');
    expect(findMarked(runMarker, request.runId)).toEqual([]);
  });

  test('may run in silence for as long as its job may take', async () => {
    const limits = { prepareMs: 60_000, startMs: 1, idleMs: 1, graceMs: 100 };
    const runner = `setTimeout(() => { ${writes(maestro)} }, 1500)`;
    expect((await runCommandOn({ runner, request: { limits } }).done).outcome).toBe('failed');
  });

  test('that is cancelled keeps what its report says already', async () => {
    const { done, abort, printed } = runCommandOn({
      runner: `${writes(maestro)} console.log('hanging'); process.on('SIGINT', () => process.exit(130)); setInterval(() => {}, 1000);`,
    });
    await printed('hanging');
    abort.abort(new WorkEnded('cancelled', 'The job was cancelled.'));
    expect(await done).toMatchObject({ outcome: 'cancelled', tests: [{ title: 'login' }, { title: 'logout' }] });
  });
});

describe('a report', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`;
  const refused: [string, string, string][] = [
    ['declares entities', `${bomb}<testsuite><testcase name="&b;"/></testsuite>`, 'document type'],
    ['uses an entity it cannot have', '<testsuite><testcase name="&b;"/></testsuite>', 'undefined entity'],
    ['is cut off', '<testsuite><testcase name="a">', 'unclosed tag'],
    ['is another document', '<html><body/></html>', 'no JUnit report'],
    ['is nested without end', `<testsuite>${'<testsuite>'.repeat(5000)}`, 'too deeply'],
  ];

  test.each(refused)('that %s is refused', async (_, xml, why) => {
    const { outcome, errors } = await runCommandOn({ runner: writes(xml) }).done;
    expect(outcome).toBe('crashed');
    expect(errors[0]?.message).toContain(why);
  });

  test.each(['\u001b[31mred\u001b[39m', '&#x1b;[31mred&#27;[39m'])(
    'is read though XML forbids the colours of terminals and other control characters: %j',
    (coloured) => {
      const xml = `<testsuite><testcase name="a"><failure message="${coloured} &#0;&#xA;\u0007é &#x20AC;"/></testcase></testsuite>`;
      expect(parseJunit(xml).cases[0]?.failures[0]?.message).toBe('red \uFFFD\n\uFFFDé €');
    },
  );

  test('that is too large is not read', async () => {
    const runner = `fs.closeSync(fs.openSync(report, 'w')); fs.truncateSync(report, 65 * 1024 ** 2)`;
    const { outcome, errors } = await runCommandOn({ runner }).done;
    expect(outcome).toBe('crashed');
    expect(errors[0]?.message).toContain('larger than 64 MiB');
  });

  test('is read as Playwright wrote it', () => {
    const text = readFileSync(new URL('samples/fail.junit.xml', import.meta.url), 'utf8');
    const { cases } = parseJunit(text);
    expect(cases.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'failed', 'passed', 'failed']);
    expect(cases[0]?.failures[0]?.message).toBe('expect(locator).toBeVisible() failed');
    expect(cases[0]?.attachments).toHaveLength(3);
  });

  test('tells a test that failed as failed, though it says skipped too', () => {
    const both = '<testsuite><testcase name="a"><failure message="boom"/><skipped/></testcase></testsuite>';
    expect(parseJunit(both).cases).toMatchObject([{ status: 'failed', failures: [{ message: 'boom' }] }]);
  });

  test('has the five entities of XML itself, and failures that belong to no test', () => {
    const { cases, failures } = parseJunit(
      `<testsuite><error message="set-up broke"/><testcase name="&lt;a&gt; &amp; &#66;" file="a.swift" line="7"/></testsuite>`,
    );
    expect(cases).toMatchObject([{ name: '<a> & B', file: 'a.swift', line: 7, status: 'passed' }]);
    expect(failures).toMatchObject([{ message: 'set-up broke' }]);
  });
});

test('a placeholder is filled in once, and an unknown one is known for unknown', () => {
  const values = { test: '{serial}', serial: 's' } as Parameters<typeof fill>[1];
  expect(fill('{test}/{serial}/{other}', values)).toBe('{serial}/s/{other}');
  expect(unknownPlaceholders('--x={test} {nope}')).toEqual(['nope']);
});
