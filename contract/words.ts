import { z } from 'zod';
import { platforms, resets, targets } from './names.ts';

export const Target = z.enum(targets);
export type Target = z.infer<typeof Target>;

export const Platform = z.enum(platforms);
export type Platform = z.infer<typeof Platform>;

export const JobStatus = z.enum(['queued', 'assigned', 'running', 'completed']);
export type JobStatus = z.infer<typeof JobStatus>;

export const RunStatus = z.enum(['queued', 'running', 'completed']);
export type RunStatus = z.infer<typeof RunStatus>;

/** How a job or a run ended. A flaky test passes its job and is counted in `counts.flaky`. */
export const Conclusion = z.enum([
  'passed',
  'failed',
  'infra_error',
  'timed_out',
  'cancelled',
  'superseded',
  'no_tests',
]);
export type Conclusion = z.infer<typeof Conclusion>;

/** How one execution of a job ended. `lost`: its agent or device fell silent and the lease ran out. */
export const AttemptOutcome = z.enum([
  'passed',
  'failed',
  'flaky',
  'load_error',
  'config_error',
  'no_tests',
  'infra_error',
  'timed_out',
  'cancelled',
  'crashed',
  'lost',
]);
export type AttemptOutcome = z.infer<typeof AttemptOutcome>;

/** The outcomes an agent may report: all but `lost`, which only the server can see. */
export const ReportedOutcome = AttemptOutcome.exclude(['lost']);
export type ReportedOutcome = z.infer<typeof ReportedOutcome>;

export const TestStatus = z.enum(['passed', 'failed', 'flaky', 'timed_out', 'skipped', 'not_run', 'interrupted']);
export type TestStatus = z.infer<typeof TestStatus>;

/** Why a job stands where it stands, for programs; `reason` says the same to people. */
export const ReasonCode = z.enum([
  'test_failed',
  'test_timed_out',
  'load_error',
  'config_error',
  'crashed',
  'no_tests',
  'infrastructure',
  'lost',
  'quarantined',
  'failures_quarantined',
  'job_timeout',
  'queue_timeout',
  'no_compatible_device',
  'cancelled_by_user',
  'client_left',
  'superseded',
]);
export type ReasonCode = z.infer<typeof ReasonCode>;

/** What an API key may do. `admin` may do what `submit` may, `submit` what `read` may; `agent` stands apart. */
export const KeyRole = z.enum(['admin', 'submit', 'agent', 'read']);
export type KeyRole = z.infer<typeof KeyRole>;

export const Reset = z.enum(resets);
export type Reset = z.infer<typeof Reset>;

export const InstallResult = z.enum(['installed', 'already_installed', 'failed']);
export type InstallResult = z.infer<typeof InstallResult>;

export const DeviceState = z.enum(['idle', 'busy', 'offline', 'unhealthy']);
export type DeviceState = z.infer<typeof DeviceState>;

export const AgentCommand = z.enum(['pause', 'drain']);
export type AgentCommand = z.infer<typeof AgentCommand>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const controlCharacters = /[\u0000-\u001f\u007f]/;

const idPattern = (what: string, max: number) =>
  z
    .string()
    .max(max)
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._+-]*$/,
      `${what}: letters, digits and . _ + - only, beginning with a letter or digit`,
    );

export const OrgId = idPattern('an organisation id', 64);
export const AppVersionId = idPattern('an app version id', 128);

/** An id the server made: `run_`, `job_`, `agt_`, `lse_` or `key_` and 24 hexadecimal digits; anything else is simply unknown. */
export const Id = z.string().min(1).max(64);

/** A number of bytes' SHA-256 in lower-case hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits');

/** An instant in UTC, ISO-8601 with milliseconds. */
export const Instant = z.iso.datetime();

/** Line of text from outside: no control characters, at most `max` characters. */
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((s) => !controlCharacters.test(s), 'control characters are not allowed');

/**
 * One spec file, relative to the project, with forward slashes. Never reaches a shell; traversal is refused here so that
 * no later part has to.
 */
export const TestPath = line(1024).refine(
  (p) =>
    !p.startsWith('/') &&
    !p.startsWith('-') &&
    !p.includes('\\') &&
    !/^[A-Za-z]:/.test(p) &&
    !p.split('/').some((part) => part === '' || part === '.' || part === '..'),
  "a test path is relative to the project, with forward slashes and without '..', '.' or empty parts",
);

/** 0 to 9, higher is sooner. */
export const Priority = z.int().min(0).max(9);

export const Counts = z.strictObject({
  total: z.int().min(0),
  passed: z.int().min(0),
  failed: z.int().min(0),
  flaky: z.int().min(0),
  skipped: z.int().min(0),
});
export type Counts = z.infer<typeof Counts>;

/** A device that will do: every property given must fit. Several in a list are alternatives. */
export const DeviceRequirement = z
  .strictObject({
    platform: Platform.optional(),
    model: line(128).optional(),
    os_version: line(32).optional(),
    labels: z.array(line(64)).max(16).optional(),
  })
  .refine((d) => Object.keys(d).length > 0, 'name at least one of platform, model, os_version, labels');
export type DeviceRequirement = z.infer<typeof DeviceRequirement>;

/** What GitHub knows of a submission; the run's check run is attached to `repository` and `head_sha`. */
export const GithubContext = z.strictObject({
  /** Where the repository is: `github.com`, which is meant when it is left out, or a GitHub Enterprise Server's name. */
  host: z
    .string()
    .max(255)
    .regex(/^[a-z0-9.-]+(:\d+)?$/, 'a host name')
    .optional(),
  repository: z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'owner/name'),
  repository_id: z.int().positive().optional(),
  head_sha: z
    .string()
    .regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/, 'a full commit SHA')
    .optional(),
  ref: line(255).optional(),
  pull_request: z.int().positive().optional(),
  run_id: z.int().positive().optional(),
  run_attempt: z.int().positive().optional(),
  job: line(255).optional(),
  /** Which step of which job of the workflow run, its matrix leg included: the same in every attempt. */
  step: line(255).optional(),
  check_name: line(255).optional(),
  /** The event that started the workflow run. */
  event: line(64).optional(),
  /** The commit comes from a fork: the run waits until a maintainer approves that very commit. */
  from_fork: z.boolean().optional(),
  /** The test project's folder in the repository, where annotations look for its files; its root when left out. */
  project_dir: line(1024).optional(),
});
export type GithubContext = z.infer<typeof GithubContext>;

/** A page of a list: `next_cursor` is null on the last one. */
export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });

const fromQuery = z.string().regex(/^\d{1,6}$/, 'a whole number');

export const PageQuery = z.strictObject({
  limit: fromQuery.transform(Number).pipe(z.int().min(1).max(200)).optional(),
  cursor: z.string().max(200).optional(),
});

/** How long the server may hold the request, and what the caller has already seen. */
export const WaitQuery = z.strictObject({
  wait_seconds: fromQuery.transform(Number).pipe(z.int().min(0).max(55)).optional(),
  after_version: z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int())
    .optional(),
});
