import { lastResults } from '../../contract/failures.ts';
import type { TestError, TestResult } from '../../contract/job.ts';
import { isFailure } from './counts.ts';
import { plainLine } from './plain-text.ts';

/** A test whose failures do not count until a certain day. */
export interface Quarantine {
  id: string;
  orgId: string;
  /** GitHub's id. */
  repositoryId: number;
  testPath: string;
  /** The test's titles within its file, outermost first. */
  titlePath: string[];
  until: number;
  /** Login of who asked for it. */
  by: string;
  /** The run in which it failed. */
  fromRunId: string;
  createdAt: number;
}

/** How long a click on the button lasts. */
export const quarantineMs = 14 * 86_400_000;

/** What names a test within its organisation and repository. */
export function quarantineKey({ testPath, titlePath }: Pick<Quarantine, 'testPath' | 'titlePath'>): string {
  return JSON.stringify([testPath, ...titlePath]);
}

/** The tests that decided a failed attempt, in the order they ran. */
export function failuresOf(tests: readonly TestResult[]): TestResult[] {
  return lastResults(tests).filter(isFailure);
}

/**
 * Why a failed attempt passes all the same: every test that failed in it is quarantined. Null where that is not so, or
 * where the runner tells of an error that belongs to no test.
 */
export function excuse(
  testPath: string,
  { tests, errors }: { tests: readonly TestResult[]; errors: readonly TestError[] },
  quarantines: readonly Quarantine[],
  now: number,
): string | null {
  const failures = failuresOf(tests);
  if (failures.length === 0 || errors.length > 0) return null;
  const active = new Map(quarantines.filter(({ until }) => until > now).map((each) => [quarantineKey(each), each]));
  const found = failures.map(({ title_path }) => active.get(quarantineKey({ testPath, titlePath: title_path })));
  const [first] = found;
  if (!first || found.some((each) => each === undefined)) return null;
  const what = failures.length === 1 ? 'The test that failed is' : `All ${failures.length} tests that failed are`;
  const title = plainLine(first.titlePath.join(' > '), 200);
  return `${what} quarantined: ${title} until ${new Date(first.until).toISOString().slice(0, 10)}, by ${plainLine(first.by, 64)}.`;
}
