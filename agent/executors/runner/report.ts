import { z } from 'zod';
import type { RunnerEvent, TestCase, TestEnd } from './events.ts';

/** Playwright's JSON report, as far as it is read. */
const Message = z.object({
  message: z.string().default(''),
  stack: z.string().optional(),
  snippet: z.string().optional(),
  location: z.object({ file: z.string(), line: z.number() }).optional(),
});
const Result = z.object({
  workerIndex: z.int(),
  status: z.enum(['passed', 'failed', 'timedOut', 'skipped', 'interrupted']).default('skipped'),
  duration: z.number(),
  retry: z.int(),
  errors: z.array(Message).default([]),
  errorLocation: z.object({ file: z.string(), line: z.number() }).optional(),
  attachments: z
    .array(z.object({ name: z.string(), contentType: z.string(), path: z.string().optional() }))
    .default([]),
});
const Spec = z.object({
  id: z.string(),
  title: z.string(),
  file: z.string(),
  line: z.int(),
  tests: z.array(z.object({ projectName: z.string(), expectedStatus: z.string(), results: z.array(Result) })),
});
interface Suite {
  title: string;
  specs?: z.infer<typeof Spec>[] | undefined;
  suites?: Suite[] | undefined;
}
const Suite: z.ZodType<Suite> = z.object({
  title: z.string(),
  specs: z.array(Spec).optional(),
  suites: z.array(z.lazy(() => Suite)).optional(),
});
const Report = z.object({
  config: z.object({ rootDir: z.string() }),
  suites: z.array(Suite),
  errors: z.array(Message),
});

/**
 * The events a JSON report tells: what stands in for the stream where that has holes. Null when `text` is no report.
 * A report is written at a run's end only, so the events always have their `end`.
 */
export function eventsOfReport(text: string): RunnerEvent[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const report = Report.safeParse(json).data;
  if (!report) return null;
  const tests = report.suites
    .flatMap((file) => specsOf(file, []))
    .flatMap((spec) => testsOf(spec, report.config.rootDir));
  const ends = tests.flatMap((test) => test.ends);
  return [
    { type: 'begin', total: tests.length, tests: tests.map((test) => test.test) },
    ...ends,
    ...report.errors.map((error): RunnerEvent => ({ type: 'error', error })),
    { type: 'end', status: ends.some((end) => end.status === 'interrupted') ? 'interrupted' : 'ended' },
  ];
}

type Placed = z.infer<typeof Spec> & { describes: string[] };

/** The specs below a suite; the outermost suite is the file, whose title is no describe block. */
function specsOf(suite: Suite, describes: string[]): Placed[] {
  return [
    ...(suite.specs ?? []).map((spec) => ({ ...spec, describes })),
    ...(suite.suites ?? []).flatMap((inner) => specsOf(inner, [...describes, inner.title])),
  ];
}

function testsOf(spec: Placed, rootDir: string): { test: TestCase; ends: TestEnd[] }[] {
  return spec.tests.map(({ projectName, expectedStatus, results }) => {
    const test: TestCase = {
      id: spec.id,
      title: spec.title,
      titlePath: [projectName, spec.file, ...spec.describes, spec.title],
      location: { file: `${rootDir}/${spec.file}`, line: spec.line },
      expectedStatus,
    };
    const ends = results.map(
      (result): TestEnd => ({
        type: 'testEnd',
        test,
        ...result,
        // the report has one location per result: that of the first error
        errors: result.errors.map((error, i) => ({
          ...error,
          location: error.location ?? (i === 0 ? result.errorLocation : undefined),
        })),
      }),
    );
    return { test, ends };
  });
}
