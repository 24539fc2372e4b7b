import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { StartRunner } from '../../processes/runner-process.ts';
import { childEnvironment, type Environment } from '../environment.ts';
import type { ExecuteRequest, Executor } from '../executor.ts';
import { attend, type Launched } from '../runner/attend.ts';
import { hindered, refusal, timed } from '../runner/execution.ts';
import { type CommandSettings, fill, valuesOf } from './command.ts';
import { type FoundReport, readReports, reportFiles, UnreadableReport } from './read-reports.ts';
import { createTurns, type Turns } from './turns.ts';
import { type CommandRun, judge } from './verdict.ts';

/** The longest a timer can wait. */
const longestMs = 2 ** 31 - 1;

/**
 * Runs any command that tests one file and writes JUnit XML: Maestro, Detox, XCUITest, anything. The command is trusted, it
 * comes from the agent's settings; what it runs and writes is not.
 * @param turns shared by all executors of an agent: devices whose jobs leave their report at one place take turns, or each
 * would remove and read the other's
 */
export function createCommandExecutor(
  settings: CommandSettings,
  moreEnvironment: Environment,
  startRunner: StartRunner,
  turns: Turns = createTurns(),
): Executor {
  return {
    execute: (request, listener) =>
      timed(async () => {
        const hindrance = await hindered(request);
        if (hindrance) return hindrance;
        const place = resolve(request.projectDir, fill(settings.report ?? '{report}', valuesOf(request)));
        const verdict = await turns.take(place, request.signal, async () => {
          await forget(place);
          const launched = await launch(request, settings, moreEnvironment, startRunner);
          // it says nothing of having loaded its tests, and may run in silence: only the job's own limit ends it
          const startMs = Math.min(request.timeoutMs + request.limits.graceMs, longestMs);
          const limits = { ...request.limits, startMs, idleMs: startMs };
          const run = await attend(launched, { ...request, limits }, listener).catch((error) => {
            if (typeof error.code === 'string' && error.syscall?.startsWith('spawn')) return null;
            throw error;
          });
          if (!run)
            return refusal(
              'infra_error',
              `This agent cannot start ${settings.argv[0]}: it is not installed, or may not be run.`,
            );
          return judge({ ...run, ...(await read(place)), request });
        });
        return verdict ?? { outcome: 'cancelled', tests: [], errors: [] };
      }),
  };
}

async function launch(
  request: ExecuteRequest,
  settings: CommandSettings,
  moreEnvironment: Environment,
  startRunner: StartRunner,
): Promise<Launched> {
  const values = valuesOf(request);
  const [program, ...args] = settings.argv.map((word) => fill(word, values));
  const env = childEnvironment({
    ...moreEnvironment,
    ...settings.env,
    ...(request.device.platform === 'android' ? { ANDROID_SERIAL: values.serial } : {}),
    TMPDIR: request.temporaryDir,
    CI: '1',
  });
  const { projectDir: cwd, runId } = request;
  const runner = await startRunner(program ?? '', args, { cwd, env, runId });
  const none = join(request.outDir, 'no-such-stream');
  return { runner, eventsFile: none, reportFile: none };
}

/** What an earlier run has left must not pass for this one's. */
async function forget(place: string): Promise<void> {
  for (const file of await reportFiles(place)) await rm(file, { force: true });
  await mkdir(dirname(place), { recursive: true });
}

async function read(place: string): Promise<Pick<CommandRun, 'place' | 'reports' | 'unreadable'>> {
  try {
    return { place, reports: await readReports(place), unreadable: null };
  } catch (error) {
    if (!(error instanceof UnreadableReport)) throw error;
    const none: FoundReport[] = [];
    return { place, reports: none, unreadable: error.message };
  }
}
