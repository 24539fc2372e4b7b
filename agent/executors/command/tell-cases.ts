import { createHash } from 'node:crypto';
import { extname, resolve } from 'node:path';
import type { RunnerEvent, TestCase, TestEnd } from '../runner/events.ts';
import type { JunitCase } from './junit.ts';
import type { FoundReport } from './read-reports.ts';

/** The events a runner of ours would have told, for one set of outcome rules to judge all runners. */
export function eventsOf(reports: readonly FoundReport[], testPath: string): RunnerEvent[] {
  const seen = new Map<string, number>();
  const tests = reports.flatMap((report) => report.cases.map((found) => toEnds(found, report.folder, testPath, seen)));
  const errors = reports.flatMap((report) => report.failures.map(toError));
  return [
    { type: 'begin', total: tests.length, tests: tests.map(({ test }) => test) },
    ...tests.flatMap(({ ends }) => ends),
    ...errors.map((error): RunnerEvent => ({ type: 'error', error })),
    { type: 'end', status: 'ended' },
  ];
}

function toEnds(
  found: JunitCase,
  folder: string,
  testPath: string,
  seen: Map<string, number>,
): { test: TestCase; ends: TestEnd[] } {
  const { name, className, file, line } = found;
  const key = `${className}\0${name}`;
  const nth = (seen.get(key) ?? 0) + 1;
  seen.set(key, nth);
  const test: TestCase = {
    id: createHash('sha256').update(`${testPath}\0${key}\0${nth}`).digest('hex').slice(0, 32),
    title: name,
    titlePath: ['', testPath, className, name],
    expectedStatus: found.status === 'skipped' ? 'skipped' : 'passed',
    ...(file !== null && line !== null ? { location: { file, line } } : {}),
  };
  const end = (status: TestEnd['status'], retry: number): TestEnd => ({
    type: 'testEnd',
    test,
    status,
    retry,
    duration: found.durationMs,
    workerIndex: 0,
    errors: status === 'failed' ? found.failures.map(toError) : [],
    attachments: found.attachments.map((path) => ({
      name: path.split('/').at(-1) ?? path,
      contentType: contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream',
      path: resolve(folder, path),
    })),
  });
  return { test, ends: found.status === 'flaky' ? [end('failed', 0), end('passed', 1)] : [end(found.status, 0)] };
}

function toError({ message, detail }: JunitCase['failures'][number]) {
  const whole = detail.startsWith(message) ? detail : detail === '' ? message : `${message}\n${detail}`;
  return { message: whole, stack: detail };
}

const contentTypes: Record<string, string> = {
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.log': 'text/plain',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.webm': 'video/webm',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
};
