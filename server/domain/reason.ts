import { lastResults } from '../../contract/failures.ts';
import type { TestError, TestResult } from '../../contract/job.ts';
import { isFailure } from './counts.ts';
import { plainLine } from './plain-text.ts';

const maxMessageChars = 200;
const maxFileChars = 100;

/** `3 of 12 tests failed: <first line of the first error>, at <file>:<line>`, from what a runner reported. */
export function failedTests(tests: readonly TestResult[], errors: readonly TestError[]): string {
  const last = lastResults(tests);
  const failed = last.filter(isFailure);
  const [first] = failed;
  if (!first) return sentence('The runner failed', firstError(errors));
  const head = `${failed.length} of ${last.length} ${last.length === 1 ? 'test' : 'tests'} failed`;
  return sentence(
    head,
    describeError({ message: first.title, file: first.file, line: first.line, ...first.errors[0] }),
  );
}

/** The test that the runner was in when it was stopped or fell over; null if none says so. */
export function interruptedTest(tests: readonly TestResult[]): string | null {
  const test = lastResults(tests).find(({ status }) => status === 'interrupted' || status === 'timed_out');
  return test ? describeError({ message: test.title, file: test.file, line: test.line }) : null;
}

/** The first error that says anything, as `message, at file:line`; null if none does. */
export function firstError(errors: readonly TestError[]): string | null {
  for (const error of errors) {
    const text = describeError(error);
    if (text !== null) return text;
  }
  return null;
}

/** `head: detail`, or `head.` where there is no detail. */
export function sentence(head: string, detail: string | null): string {
  return detail === null ? `${head}.` : `${head}: ${detail}`;
}

function describeError({ message, file, line }: Pick<TestError, 'message' | 'file' | 'line'>): string | null {
  const text = plainLine(message, maxMessageChars);
  const place = file === undefined ? '' : plainLine(file, maxFileChars);
  if (place === '') return text === '' ? null : text;
  const at = line ? `${place}:${line}` : place;
  return text === '' ? at : `${text}, at ${at}`;
}
