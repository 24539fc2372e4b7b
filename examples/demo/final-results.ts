import type { TestResult } from '../../contract/job.ts';

/** How each test of a run ended: its last try in its job's last attempt. A report holds every try. */
export function finalResults<T extends Pick<TestResult, 'id' | 'retry'>>(report: {
  jobs: { attempts: { tests: T[] }[] }[];
}): T[] {
  return report.jobs.flatMap((job) => {
    const last = new Map<string, T>();
    for (const test of job.attempts.at(-1)?.tests ?? []) {
      if (test.retry >= (last.get(test.id)?.retry ?? 0)) last.set(test.id, test);
    }
    return [...last.values()];
  });
}
