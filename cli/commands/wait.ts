import type { Command } from 'commander';
import { parseDuration } from '../../client/duration.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import type { Bind, Cli } from '../cli.ts';
import { concludeRun, type OutcomeFlags, withOutcome } from '../completed-run.ts';
import { connect } from '../connect.ts';
import { flagValue } from '../flag-value.ts';
import { createProgress } from '../render/progress.ts';
import { runIdOf, subjectOf, withSubject } from '../subject.ts';
import { waitForRun } from '../waiting.ts';

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description('Waits until a run has completed, and exits as it ended. Of a job, its run is waited for.')
    .option(
      '--timeout <duration>',
      'wait no longer than this: 90s, 15m, 1h; the run goes on',
      flagValue(parseDuration),
    );
  withOutcome(command)
    .addHelpText(
      'after',
      `
Examples:
  qgjob wait --run-id=run_4f1c --junit results.xml
  qgjob wait --run-id=run_4f1c --timeout 30m --fail-on tests

Ctrl-C ends the waiting, not the run.`,
    )
    .action(bind(wait));
}

async function wait(cli: Cli, command: Command): Promise<number> {
  const { timeout, ...flags } = command.opts<OutcomeFlags & { timeout?: number }>();
  const client = connect(cli);
  const id = await runIdOf(client, subjectOf(command));
  const signal = timeout ? AbortSignal.timeout(timeout * 1000) : new AbortController().signal;
  const progress = createProgress(cli.progress, cli.io.env);
  try {
    const run = await waitForRun(client, id, { progress, signal });
    progress.end();
    if (cli.output === 'id') cli.print({ json: run, id: run.id, text: () => '' });
    return await concludeRun(cli, client, run, flags);
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end();
    cli.note(`${id} has not completed in that time; it goes on.`);
    return exitCodes.timedOut;
  } finally {
    progress.end();
  }
}
