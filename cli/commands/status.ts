import type { Command } from 'commander';
import { exitCodeOf, exitCodes } from '../../client/exit-codes.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { createProgress } from '../render/progress.ts';
import { renderJob, renderRun } from '../render/run.ts';
import { styleFor } from '../render/style.ts';
import { subjectOf, withSubject } from '../subject.ts';
import { waitForJob, waitForRun } from '../waiting.ts';

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description('Shows a run or a job as it stands.')
    .option('--watch', 'go on showing it until it has completed')
    .option('--exit-status', 'exit as the run or job ended, as wait does')
    .addHelpText(
      'after',
      `
Examples:
  qgjob status --job-id=abc456
  qgjob status --run-id=run_4f1c --watch
  qgjob status --job-id=abc456 --output json

Exits 0 once it has shown the state, whatever it is; with --watch or --exit-status as the run or job ended.`,
    )
    .action(bind(status));
}

async function status(cli: Cli, command: Command): Promise<number> {
  const { watch, exitStatus } = command.opts<{ watch?: boolean; exitStatus?: boolean }>();
  const { kind, id } = subjectOf(command);
  const client = connect(cli);
  const style = styleFor(cli.io.stdout, cli.io.env);
  const progress = createProgress(cli.progress, cli.io.env);
  const options = { progress, signal: new AbortController().signal };
  const tells = watch || exitStatus;
  try {
    if (kind === 'run') {
      const run = watch ? await waitForRun(client, id, options) : (await client.getRun({ params: { id } })).body;
      progress.end();
      cli.print({ json: run, id: run.id, text: () => (watch ? `\n${renderRun(run, style)}` : renderRun(run, style)) });
      return tells ? exitCodeOf(run, run.jobs) : exitCodes.passed;
    }
    const job = watch ? await waitForJob(client, id, options) : (await client.getJob({ params: { id } })).body;
    progress.end();
    cli.print({ json: job, id: job.id, text: () => (watch ? `\n${renderJob(job)}` : renderJob(job)) });
    return tells ? exitCodeOf(job, [job]) : exitCodes.passed;
  } finally {
    progress.end();
  }
}
