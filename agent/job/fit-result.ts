import type { z } from 'zod';
import type { JobResult } from '../../contract/agent.ts';
import type { Attachment, TestError, TestResult } from '../../contract/job.ts';
import type { Execution, RunnerTest } from '../executors/executor.ts';

type Result = z.infer<typeof JobResult>;

/** Less than the 32 MiB a result may have. */
const maxResultBytes = 30 * 1024 ** 2;
const maxTests = 20_000;

/** A test in the API's limits: what tests say of themselves may be of any length. */
export function fitTest({ files: _, session: __, ...test }: RunnerTest, attachments: Attachment[]): TestResult {
  return {
    ...test,
    id: test.id.slice(0, 255),
    title: test.title.slice(0, 4096),
    title_path: test.title_path.slice(0, 32).map((title) => title.slice(0, 4096)),
    file: test.file.slice(0, 1024),
    retry: Math.min(test.retry, 100),
    errors: test.errors.slice(0, 32),
    attachments,
  };
}

/** A result in the API's limits. Where the whole is too large, the longest texts are cut first, then attachments go. */
export function fitResult(execution: Execution, tests: TestResult[]): Result {
  const result = {
    outcome: execution.outcome,
    duration_ms: Math.min(execution.durationMs, 604_800_000),
    tests: tests.slice(0, maxTests),
    errors: execution.errors.slice(0, 100),
  };
  for (const limit of [null, 8192, 512, 64]) {
    const fitted = limit === null ? result : cutTexts(result, limit);
    if (Buffer.byteLength(JSON.stringify(fitted)) <= maxResultBytes) return fitted;
  }
  return { ...cutTexts(result, 64), tests: [] };
}

function cutTexts(result: Result, limit: number): Result {
  const cut = ({ message, snippet: _, ...place }: TestError): TestError => ({
    ...place,
    message: message.slice(0, limit),
  });
  return {
    ...result,
    errors: result.errors.map(cut),
    tests: result.tests.map((test) => ({
      ...test,
      title: test.title.slice(0, limit),
      title_path: test.title_path.slice(0, 4).map((title) => title.slice(0, limit)),
      errors: test.errors.slice(0, 3).map(cut),
      attachments: limit > 512 ? test.attachments : [],
    })),
  };
}
