import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecuteRequest, Execution } from '../executor.ts';
import type { Verdict } from './outcome.ts';

/** An execution with the time it took. */
export async function timed(execute: () => Promise<Verdict>): Promise<Execution> {
  const startedAt = performance.now();
  const verdict = await execute();
  return { ...verdict, durationMs: Math.round(performance.now() - startedAt) };
}

/** The verdict on a job that no runner was started for. */
export function refusal(outcome: Verdict['outcome'], message: string): Verdict {
  return { outcome, tests: [], errors: [{ message }] };
}

/** Why there is nothing to run; null where there is. */
export async function hindered({ projectDir, testPath, signal }: ExecuteRequest): Promise<Verdict | null> {
  const exists = await access(join(projectDir, testPath)).then(
    () => true,
    () => false,
  );
  if (!exists) return refusal('no_tests', `There is no file ${testPath} in the project.`);
  return signal.aborted ? { outcome: 'cancelled', tests: [], errors: [] } : null;
}

const reporter = fileURLToPath(new URL('reporter.cjs', import.meta.url));

/** Where a runner leaves what it finds, below the execution's own folder. */
export interface RunFiles {
  /** The reporter's stream. */
  eventsFile: string;
  /** For the wrapper configuration: see user-config.mjs. */
  forConfig: {
    outputDir: string;
    report: string;
    reporter: { file: string; options: { events: string; bodies: string; root: string } };
  };
}

export function filesFor({ outDir, projectDir }: Pick<ExecuteRequest, 'outDir' | 'projectDir'>): RunFiles {
  const eventsFile = join(outDir, 'events.ndjson');
  const options = { events: eventsFile, bodies: join(outDir, 'bodies'), root: projectDir };
  return {
    eventsFile,
    forConfig: {
      outputDir: join(outDir, 'results'),
      report: join(outDir, 'report.json'),
      reporter: { file: reporter, options },
    },
  };
}

/** The runner's filter is a regular expression on absolute paths: anchored at both ends and escaped, it means one file. */
export function filterFor({ projectDir, testPath }: Pick<ExecuteRequest, 'projectDir' | 'testPath'>): string {
  return `^${join(projectDir, testPath).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
}
