import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { followLines } from '../../follow-lines.ts';
import { killMarked, runMarker, stopGroup } from '../../processes.ts';
import { whyEnded } from '../../work-ended.ts';
import type { ExecuteListener, ExecuteRequest, Execution, Executor } from '../executor.ts';
import { parseEvent, type RunnerEvent } from './events.ts';
import { type Launched, type LaunchSettings, launch } from './launch.ts';
import { conclude, type Stop } from './outcome.ts';
import { findPlaywright } from './project.ts';
import { eventsOfReport } from './report.ts';
import { toTest } from './results.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

const keptOutputBytes = 64 * 1024;
/** How long a runner's pipes may stay open after its last process has gone. */
const drainMs = 2000;

/** Runs specs of projects that use `@playwright/test`, each in one runner process, on a device of the web platform. */
export function createPlaywrightExecutor(settings: LaunchSettings): Executor {
  return { execute: (request, listener) => execute(settings, request, listener) };
}

async function execute(
  settings: LaunchSettings,
  request: ExecuteRequest,
  listener: ExecuteListener,
): Promise<Execution> {
  const startedAt = performance.now();
  const ended = (verdict: Omit<Execution, 'durationMs'>) => ({
    ...verdict,
    durationMs: Math.round(performance.now() - startedAt),
  });
  const project = findPlaywright(request.projectDir);
  if (!project) return ended(refusal('config_error', noPlaywright));
  if (!(await exists(join(request.projectDir, request.testPath))))
    return ended(refusal('no_tests', `There is no file ${request.testPath} in the project.`));
  if (request.signal.aborted) return ended({ outcome: 'cancelled', tests: [], errors: [] });

  const launched = await launch(request, project, settings);
  const run = await attend(launched, request, listener);
  return ended(conclude({ ...run, testPath: request.testPath, root: request.projectDir }));
}

const noPlaywright =
  'The project has no @playwright/test: add it to the dependencies in package.json and commit package-lock.json.';

function refusal(outcome: 'config_error' | 'no_tests', message: string): Omit<Execution, 'durationMs'> {
  return { outcome, tests: [], errors: [{ message }] };
}

/** Follows a runner to its end, whatever that is; no process of it is left then. */
async function attend({ child, eventsFile, reportFile }: Launched, request: ExecuteRequest, listener: ExecuteListener) {
  const events: RunnerEvent[] = [];
  let output = Buffer.alloc(0);
  const watchdog = startWatchdog(request);
  const lines = followLines(eventsFile, (line) => {
    const event = parseEvent(line);
    if (!event) return;
    watchdog.sawLife(event.type === 'begin' ? 'begun' : 'alive');
    events.push(event);
    if (event.type === 'testEnd') listener.testEnded(toTest(event, request.projectDir));
  });
  const takeOutput = (chunk: Buffer) => {
    watchdog.sawLife('alive');
    output = Buffer.concat([output, chunk]).subarray(-keptOutputBytes);
    listener.output(chunk);
  };
  child.stdout?.on('data', takeOutput);
  child.stderr?.on('data', takeOutput);

  let stop: Stop | null;
  try {
    stop = await untilEnd(child, request, watchdog);
  } finally {
    await killMarked(runMarker, request.runId);
    await closed(child);
    await lines.finish();
  }
  return {
    events: (await repaired(events, reportFile)) ?? events,
    exit: { code: child.exitCode, signal: child.signalCode },
    stop,
    output: output.toString('utf8'),
  };
}

/** Resolves once the runner's leader has ended: by itself (null), or because it was stopped. */
async function untilEnd(child: ChildProcess, request: ExecuteRequest, watchdog: Watchdog): Promise<Stop | null> {
  const { signal, limits } = request;
  const spawned = new Promise<null>((resolve, reject) => {
    child.once('exit', () => resolve(null));
    child.once('error', reject); // the runner could not even be started
  });
  const aborted = new Promise<Stop>((resolve) => {
    if (signal.aborted) resolve({ why: 'cancelled' });
    signal.addEventListener('abort', () => resolve({ why: 'cancelled' }), { once: true });
  });
  try {
    const stop = await Promise.race([spawned, aborted, watchdog.barked]);
    // lost work may already run elsewhere: no time for a report nobody takes
    if (stop) await stopGroup(child, whyEnded(signal) === 'lease_lost' ? 0 : limits.graceMs);
    return stop;
  } finally {
    watchdog.stop();
  }
}

/** Waits for the last bytes of the runner's output. */
async function closed(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null && !stream.closed);
  await Promise.race([
    Promise.all(streams.map((stream) => stream && once(stream, 'close'))),
    sleep(drainMs, undefined, { ref: false }),
  ]);
  for (const stream of streams) stream?.destroy();
}

/** The events of the JSON report where the stream has holes or no end; null where it needs none or there is no report. */
async function repaired(events: readonly RunnerEvent[], reportFile: string): Promise<RunnerEvent[] | null> {
  const whole = events.every((event, i) => event.seq === i + 1) && events.at(-1)?.type === 'end';
  if (whole) return null;
  const text = await readFile(reportFile, 'utf8').catch(() => '');
  return eventsOfReport(text);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
