import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Claim, LeasedJob } from '../../contract/agent.ts';
import { type Client, ProblemError, UnreachableError } from '../../contract/client.ts';
import type { Device } from '../devices/device.ts';
import type { Execution, JobLimits } from '../executors/executor.ts';
import type { HeldLease } from '../lease/held-leases.ts';
import type { LeaseCalls } from '../lease/lease-calls.ts';
import { PreparationError } from '../preparation-error.ts';
import type { Log } from '../settings.ts';
import { whyEnded } from '../work-ended.ts';
import { prepareWorkspace, type WorkspaceDeps } from '../workspace/workspace.ts';
import { createUploader } from './attachments.ts';
import { fitResult, fitTest } from './fit-result.ts';
import { type JobLog, openJobLog } from './job-log.ts';
import { tellTests } from './live-tests.ts';

export interface JobDeps {
  client: Client;
  workspace: WorkspaceDeps;
  /** The device's folder for jobs. */
  jobsDir: string;
  temporaryDir: (runId: string) => string;
  limits: JobLimits;
  /** Texts that must never be in a log. */
  secrets: readonly string[];
  log: Log;
}

export interface JobWork {
  job: LeasedJob;
  claim: Claim;
  held: HeldLease;
  calls: LeaseCalls;
  device: Device;
  /** Puts the lease's app on the device, where this job needs that. */
  install: (job: LeasedJob, signal: AbortSignal) => Promise<void>;
  /** How many further jobs to ask for with the result. */
  next: () => number;
}

/**
 * Runs one job from its preparation to its stored result, and returns further jobs of the lease. Whatever goes wrong
 * becomes the job's result, unless the work is no longer this agent's.
 * @throws WorkEnded when the lease is lost or the agent stops: nothing is reported then
 */
export async function runJob(deps: JobDeps, work: JobWork): Promise<LeasedJob[]> {
  const { job, held, calls, claim } = work;
  const signal = held.begin(job);
  const runId = randomUUID();
  const outDir = join(deps.jobsDir, `run-${runId.slice(0, 8)}`);
  const temporaryDir = deps.temporaryDir(runId);
  let log: JobLog | undefined;
  try {
    await mkdir(outDir, { recursive: true });
    await mkdir(temporaryDir, { recursive: true, mode: 0o700 });
    log = await openJobLog({
      file: join(outDir, 'log'),
      append: (offset, bytes) => calls.appendLog(job.id, offset, bytes),
      secrets: [...deps.secrets, claim.lease.token],
      signal: held.signal,
    });
    const execution = await perform(deps, work, { signal, runId, outDir, temporaryDir, log });
    held.signal.throwIfAborted();
    for (const { message } of execution.errors.slice(0, 5)) log.write(`[qgjob] ${execution.outcome}: ${message}\n`);
    const tests = await withAttachments(deps, work, execution, outDir);
    await log.finish();
    return await report(deps, work, execution, tests);
  } catch (error) {
    held.signal.throwIfAborted();
    if (error instanceof ProblemError || error instanceof UnreachableError) throw error;
    // the agent's own files failed it (a full disk): a result like any other, or the job would come back for ever
    return await report(deps, work, failed('infra_error', error, 0), []);
  } finally {
    held.end(job);
    await log?.close();
    await rm(outDir, { recursive: true, force: true });
    await rm(temporaryDir, { recursive: true, force: true });
  }
}

interface Place {
  signal: AbortSignal;
  runId: string;
  outDir: string;
  temporaryDir: string;
  log: JobLog;
}

async function perform(deps: JobDeps, work: JobWork, place: Place): Promise<Execution> {
  const startedAt = performance.now();
  try {
    return await prepareAndExecute(deps, work, place);
  } catch (error) {
    const durationMs = Math.round(performance.now() - startedAt);
    work.held.signal.throwIfAborted();
    if (whyEnded(place.signal) === 'cancelled') return { outcome: 'cancelled', durationMs, tests: [], errors: [] };
    return failed(error instanceof PreparationError ? error.outcome : 'infra_error', error, durationMs);
  }
}

function failed(outcome: Execution['outcome'], error: unknown, durationMs: number): Execution {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 65_536);
  return { outcome, durationMs, tests: [], errors: [{ message }] };
}

/** Puts app and project in place; resolves with the project's folder. Nobody waits for that without end: npm runs anyone's scripts. */
async function prepare(
  deps: JobDeps,
  { job, claim, install }: JobWork,
  { signal: ended, log }: Place,
): Promise<string> {
  ended.throwIfAborted();
  const { prepareMs } = deps.limits;
  const patience = new AbortController();
  const why = `The job was not ready to run after ${prepareMs / 1000} s: see its log.`;
  const timer = setTimeout(() => patience.abort(new PreparationError('infra_error', why)), prepareMs);
  const signal = AbortSignal.any([ended, patience.signal]);
  try {
    await install(job, signal);
    const bundle = job.bundle && { sha256: job.bundle.sha256, org_id: claim.app_version.org_id };
    const output = (chunk: Uint8Array) => log.write(chunk);
    return await prepareWorkspace(deps.workspace, { bundle, dir: deps.jobsDir, signal, output });
  } finally {
    clearTimeout(timer);
  }
}

async function prepareAndExecute(deps: JobDeps, work: JobWork, place: Place): Promise<Execution> {
  const { job, calls, device } = work;
  const { signal, log, runId, outDir, temporaryDir } = place;
  const projectDir = await prepare(deps, work, place);
  signal.throwIfAborted();
  await calls.startJob(job.id);
  const live = tellTests((tests) => calls.reportTests(job.id, tests));
  const execution = await device.executor.execute(
    {
      runId,
      projectDir,
      testPath: job.test_path,
      project: job.project,
      device: device.settings,
      app: device.platform.testedApp(),
      reset: job.reset,
      reinstall: (ended) => work.install(job, ended),
      outDir: await realpath(outDir),
      temporaryDir,
      timeoutMs: job.timeout_seconds * 1000,
      limits: deps.limits,
      signal,
    },
    { output: (chunk) => log.write(chunk), testEnded: (test) => live.add(test) },
  );
  await live.finish();
  return execution;
}

async function withAttachments(deps: JobDeps, work: JobWork, execution: Execution, outDir: string) {
  const upload = createUploader({
    client: deps.client,
    orgId: work.claim.app_version.org_id,
    folders: [await realpath(outDir), await realpath(deps.jobsDir)],
    log: deps.log,
    signal: work.held.signal,
  });
  const tests = [];
  for (const test of execution.tests) tests.push(fitTest(test, await upload(test)));
  return tests;
}

/** Stores the result. One the server refuses for its content is replaced by the refusal, so that the job is not tried for ever. */
async function report(
  deps: JobDeps,
  { job, calls, next }: JobWork,
  execution: Execution,
  tests: ReturnType<typeof fitTest>[],
): Promise<LeasedJob[]> {
  try {
    return await calls.putResult(job.id, fitResult(execution, tests), next());
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status === 401 || error.status === 403) throw error;
    deps.log({
      level: 'error',
      message: `A result was refused: ${error.message}`,
      job_id: job.id,
      problem: error.problem,
    });
    if (error.code !== 'validation_failed' && error.code !== 'payload_too_large') return [];
    const message = `The agent's result was refused: ${error.message}`;
    const { durationMs } = execution;
    return calls.putResult(
      job.id,
      { outcome: 'infra_error', duration_ms: durationMs, tests: [], errors: [{ message }] },
      next(),
    );
  }
}
