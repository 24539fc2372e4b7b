import { stripVTControlCharacters } from 'node:util';
import type { TestError } from '../../../contract/job.ts';
import type { TestStatus } from '../../../contract/words.ts';
import type { RunnerTest } from '../executor.ts';
import type { RunnerError, RunnerEvent, TestCase, TestEnd } from './events.ts';

/** Which result the runner's own words mean. Its `ok` and `outcome` are not to be trusted: an interrupted test is `ok` there. */
function statusOf(end: TestEnd): TestStatus {
  const { status, test, workerIndex, retry } = end;
  if (status === 'interrupted') return 'interrupted';
  if (status === 'skipped') return test.expectedStatus === 'skipped' || workerIndex !== -1 ? 'skipped' : 'not_run';
  if (status !== test.expectedStatus) return status === 'timedOut' ? 'timed_out' : 'failed';
  return retry > 0 ? 'flaky' : 'passed';
}

/** The result a `testEnd` event tells, with paths relative to `root` (a real path). */
export function toTest(end: TestEnd, root: string): RunnerTest {
  const status = statusOf(end);
  const errors = end.errors.map((error) => toError(error, root));
  if (status === 'failed' && errors.length === 0)
    errors.push({ message: 'The test is marked as failing, but it passed.' });
  return {
    ...described(end.test, root),
    status,
    retry: end.retry,
    duration_ms: Math.max(0, end.duration),
    errors: status === 'passed' || status === 'flaky' ? [] : errors,
    ...(end.session ? { session: end.session } : {}),
    files: end.attachments.flatMap(({ name, contentType, path }) => (path ? [{ name, contentType, path }] : [])),
  };
}

/** Every result of a run: those that ended, then those that began or never did. */
export function collectTests(events: readonly RunnerEvent[], root: string, cutShort: TestCut): RunnerTest[] {
  const ended = events.filter((event) => event.type === 'testEnd');
  const known = new Set(ended.map((end) => `${end.test.id} ${end.retry}`));
  const planned = new Map(events.flatMap((e) => (e.type === 'begin' ? e.tests : [])).map((test) => [test.id, test]));
  const tests = ended.map((end) => toTest(end, root));
  const seen = new Set(ended.map((end) => end.test.id));
  for (const event of events) {
    const test = event.type === 'testBegin' ? planned.get(event.id) : undefined;
    if (event.type !== 'testBegin' || !test || known.has(`${event.id} ${event.retry}`)) continue;
    seen.add(event.id);
    tests.push(unfinished(test, root, event.retry, cutShort.status, [{ message: cutShort.message }]));
  }
  for (const test of planned.values()) if (!seen.has(test.id)) tests.push(unfinished(test, root, 0, 'not_run', []));
  return tests;
}

/** What to say of the test that was running when its run ended early. */
export interface TestCut {
  status: 'failed' | 'interrupted';
  message: string;
}

/** An error as the API has it: without colours, located inside the project or nowhere. */
export function toError(error: RunnerError, root: string): TestError {
  const at = place(error, root);
  const message = stripVTControlCharacters(error.message).slice(0, 65_536);
  return {
    message,
    ...at,
    ...(at && error.snippet ? { snippet: stripVTControlCharacters(error.snippet).slice(0, 16_384) } : {}),
  };
}

/** The error's own place where that is in the project, else the first frame of its stack that is. */
function place(error: RunnerError, root: string): { file: string; line: number } | undefined {
  const frames = [...(error.stack ?? '').matchAll(/^ +at (?:.* \()?(?:file:\/\/)?(\/.*?):(\d+):\d+\)?$/gm)];
  const candidates = [
    ...(error.location ? [error.location] : []),
    ...frames.map(([, file = '', line]) => ({ file, line: Number(line) })),
  ];
  for (const { file, line } of candidates) {
    const inside = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
    if (inside.startsWith('/') || inside.split('/').includes('node_modules') || line < 1) continue;
    return { file: inside.slice(0, 1024), line };
  }
  return undefined;
}

function unfinished(test: TestCase, root: string, retry: number, status: TestStatus, errors: TestError[]): RunnerTest {
  return { ...described(test, root), status, retry, duration_ms: 0, errors, files: [] };
}

function described(test: TestCase, root: string): Pick<RunnerTest, 'id' | 'title' | 'title_path' | 'file' | 'line'> {
  const [project = '', , ...titles] = test.titlePath;
  const at = test.location ? place({ message: '', location: test.location }, root) : undefined;
  return {
    id: test.id,
    title: test.title,
    title_path: [project, ...titles].filter((title) => title !== ''),
    file: at?.file ?? test.titlePath[1] ?? '',
    line: at?.line ?? 0,
  };
}
