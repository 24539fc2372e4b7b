import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { followLines } from '../../follow-lines.ts';
import type { RunnerProcess } from '../../processes/runner-process.ts';
import { whyEnded } from '../../work-ended.ts';
import type { ExecuteListener, ExecuteRequest } from '../executor.ts';
import { parseEvent, type RunnerEvent } from './events.ts';
import type { FinishedRun, Stop } from './outcome.ts';
import { eventsOfReport } from './report.ts';
import { toTest } from './results.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

const keptOutputBytes = 64 * 1024;
/** How long a runner's pipes may stay open after its last process has gone. */
const drainMs = 2000;

/** A runner for one spec file. */
export interface Launched {
  runner: RunnerProcess;
  /** The reporter's stream, appended while the runner lives. */
  eventsFile: string;
  /** The runner's JSON report, written at its end. */
  reportFile: string;
}

/**
 * Follows a runner to its end, whatever that is; no process of it is left then.
 * @param gaveWay resolves when there is no sense in going on; never otherwise
 */
export async function attend(
  { runner, eventsFile, reportFile }: Launched,
  request: ExecuteRequest,
  listener: ExecuteListener,
  gaveWay: Promise<Stop> = new Promise(() => undefined),
): Promise<Pick<FinishedRun, 'events' | 'exit' | 'stop' | 'output'>> {
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
  runner.stdout.on('data', takeOutput);
  runner.stderr.on('data', takeOutput);

  let stop: Stop | null;
  try {
    stop = await untilEnd(runner, request, watchdog, gaveWay);
  } finally {
    await runner.clear();
    await closed(runner);
    await lines.finish();
  }
  return {
    events: (await repaired(events, reportFile)) ?? events,
    exit: await runner.ended,
    stop,
    output: output.toString('utf8'),
  };
}

/** Resolves once the runner's leader has ended: by itself (null), or because it was stopped. */
async function untilEnd(
  runner: RunnerProcess,
  request: ExecuteRequest,
  watchdog: Watchdog,
  gaveWay: Promise<Stop>,
): Promise<Stop | null> {
  const { signal, limits } = request;
  const aborted = new Promise<Stop>((resolve) => {
    if (signal.aborted) resolve({ why: 'cancelled' });
    signal.addEventListener('abort', () => resolve({ why: 'cancelled' }), { once: true });
  });
  try {
    const stop = await Promise.race([runner.ended.then(() => null), aborted, watchdog.barked, gaveWay]);
    // lost work may already run elsewhere: no time for a report nobody takes
    if (stop) await runner.stop(whyEnded(signal) === 'lease_lost' ? 0 : limits.graceMs);
    return stop;
  } finally {
    watchdog.stop();
  }
}

/** Waits for the last bytes of the runner's output. */
async function closed({ stdout, stderr }: RunnerProcess): Promise<void> {
  const streams = [stdout, stderr].filter((stream) => !stream.closed);
  await Promise.race([
    Promise.all(streams.map((stream) => once(stream, 'close'))),
    sleep(drainMs, undefined, { ref: false }),
  ]);
  for (const stream of streams) stream.destroy();
}

/** The events of the JSON report where the stream has holes or no end; null where it needs none or there is no report. */
async function repaired(events: readonly RunnerEvent[], reportFile: string): Promise<RunnerEvent[] | null> {
  const whole = events.every((event, i) => event.seq === i + 1) && events.at(-1)?.type === 'end';
  if (whole) return null;
  const text = await readFile(reportFile, 'utf8').catch(() => '');
  return eventsOfReport(text);
}
