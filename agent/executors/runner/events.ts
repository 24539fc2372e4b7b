import { z } from 'zod';

const Location = z.object({ file: z.string(), line: z.number() });

const RunnerError = z.object({
  message: z.string().default(''),
  stack: z.string().optional(),
  snippet: z.string().optional(),
  location: Location.optional(),
});
export type RunnerError = z.infer<typeof RunnerError>;

const TestCase = z.object({
  id: z.string(),
  title: z.string(),
  /** Playwright's project, the file, the describe blocks, the title. */
  titlePath: z.array(z.string()),
  location: Location.optional(),
  expectedStatus: z.string(),
});
export type TestCase = z.infer<typeof TestCase>;

/** `seq` counts from 1; `at` is this machine's clock in milliseconds, for what else happened on it. */
const stamp = { seq: z.int().optional(), at: z.number().optional() };

const RunnerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), ...stamp, total: z.int(), tests: z.array(TestCase) }),
  z.object({ type: z.literal('testBegin'), ...stamp, id: z.string(), retry: z.int() }),
  z.object({
    type: z.literal('testEnd'),
    ...stamp,
    test: TestCase,
    status: z.enum(['passed', 'failed', 'timedOut', 'skipped', 'interrupted']),
    retry: z.int(),
    duration: z.number(),
    workerIndex: z.int().default(0),
    errors: z.array(RunnerError),
    /** The device's session it ran in, where the runner tells. */
    session: z.string().max(128).optional(),
    attachments: z.array(z.object({ name: z.string(), contentType: z.string(), path: z.string().optional() })),
  }),
  z.object({ type: z.literal('error'), ...stamp, error: RunnerError }),
  z.object({ type: z.literal('end'), ...stamp, status: z.string() }),
]);
export type RunnerEvent = z.infer<typeof RunnerEvent>;
export type TestEnd = Extract<RunnerEvent, { type: 'testEnd' }>;

/** One line of the reporter's stream; null for a torn line or an event this agent does not know. */
export function parseEvent(line: string): RunnerEvent | null {
  try {
    return RunnerEvent.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
