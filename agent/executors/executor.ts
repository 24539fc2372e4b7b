import type { TestError, TestResult } from '../../contract/job.ts';
import type { ReportedOutcome, Reset } from '../../contract/words.ts';
import type { TestedApp } from '../devices/device-platform.ts';
import type { DeviceSettings } from '../settings.ts';

/** How long a runner may take. All in milliseconds. */
export interface Limits {
  /** From its start to the first sign that it has loaded the tests. */
  startMs: number;
  /** Without any event or output. */
  idleMs: number;
  /** From being asked to stop to being killed. */
  graceMs: number;
}

/** How long a job may take, its runner included. */
export interface JobLimits extends Limits {
  /** What comes before the runner: the app's install, the project, its dependencies. In milliseconds. */
  prepareMs: number;
}

export const defaultLimits: JobLimits = { prepareMs: 1_800_000, startMs: 120_000, idleMs: 300_000, graceMs: 15_000 };

/** A file a test left behind, still on this machine. */
export interface LocalFile {
  name: string;
  contentType: string;
  path: string;
}

/** A test's result before its files have been uploaded. */
export interface RunnerTest extends Omit<TestResult, 'attachments'> {
  files: LocalFile[];
  /** The device's session it ran in, where that is known. */
  session?: string | undefined;
}

export interface ExecuteRequest {
  /** Marks every process of this execution: nothing that carries it outlives `execute`. */
  runId: string;
  /** Real path of the folder the test paths are relative to. */
  projectDir: string;
  testPath: string;
  /** The runner's project to use; null for the runner's own choice. */
  project: string | null;
  device: DeviceSettings;
  /** The app on the device; null where the project brings its own. */
  app: TestedApp | null;
  /** What every test of the job finds of the test before it. */
  reset: Reset;
  /** Installs the app once more, for a job whose `reset` is `reinstall`. @throws PreparationError, or the signal's reason */
  reinstall(signal: AbortSignal): Promise<void>;
  /** An empty folder of this execution's own; removed by the caller. */
  outDir: string;
  /** The same for temporary files of the runner and its browser; a short path. */
  temporaryDir: string;
  /** The job's own limit, in milliseconds from the runner's start. */
  timeoutMs: number;
  limits: Limits;
  /** Ends the execution early; its reason is a `WorkEnded`. */
  signal: AbortSignal;
}

export interface ExecuteListener {
  /** Bytes of the runner's output, as they come. */
  output(chunk: Uint8Array): void;
  /** A test has ended: told at once, and once per try. */
  testEnded(test: RunnerTest): void;
}

export interface Execution {
  outcome: ReportedOutcome;
  durationMs: number;
  tests: RunnerTest[];
  errors: TestError[];
}

/** Runs one spec file in one real runner process of its own. */
export interface Executor {
  /** Rejects only when no runner could be started; leaves no process behind, however it ends. */
  execute(request: ExecuteRequest, listener: ExecuteListener): Promise<Execution>;
}
