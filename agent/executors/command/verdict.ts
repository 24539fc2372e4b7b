import { stripVTControlCharacters } from 'node:util';
import type { ExecuteRequest } from '../executor.ts';
import { isInfrastructure } from '../infra-patterns.ts';
import { refusal } from '../runner/execution.ts';
import { conclude, type FinishedRun, type Verdict } from '../runner/outcome.ts';
import type { FoundReport } from './read-reports.ts';
import { eventsOf } from './tell-cases.ts';

/** All that is known of a command once no process of it is left. */
export interface CommandRun extends Pick<FinishedRun, 'exit' | 'stop' | 'output'> {
  /** Where its report was looked for. */
  place: string;
  reports: FoundReport[];
  /** Why the report could not be read; null where it could, or there is none. */
  unreadable: string | null;
  request: Pick<ExecuteRequest, 'testPath' | 'projectDir'>;
}

/**
 * How a command's run ended. The report decides where there is one; exit code and report must agree, or the run failed: a
 * command that says it failed has, and so has one whose report says so.
 */
export function judge(run: CommandRun): Verdict {
  const { exit, stop, output, request, reports } = run;
  const { testPath, projectDir } = request;
  const events = reports.length > 0 ? eventsOf(reports, testPath) : [];
  const tests = events.some(({ type }) => type === 'testEnd');
  if (stop || tests || events.some(({ type }) => type === 'error'))
    return conclude({ events, exit, stop, output, testPath, root: projectDir });
  const said = lastWords(output);
  const ending = exit.signal ?? `exit code ${exit.code}`;
  if (exit.code !== 0 && isInfrastructure(said)) return refusal('infra_error', said);
  if (run.unreadable !== null) {
    return refusal(
      'crashed',
      `The command ended with ${ending}, and its report cannot be read: ${run.unreadable.replace(/\.$/, '')}.`,
    );
  }
  if (exit.code !== 0) return refusal('crashed', `The command ended with ${ending}, without a result. ${said}`.trim());
  if (reports.length > 0) return refusal('no_tests', `The command found no test in ${testPath}.`);
  return refusal('config_error', `The command wrote no report at ${run.place}: see "report" in the agent's settings.`);
}

function lastWords(output: string): string {
  return stripVTControlCharacters(output).trim().split('\n').slice(-20).join('\n').slice(-4096);
}
