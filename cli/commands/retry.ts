import type { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { subjectOf, withSubject } from '../subject.ts';

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description('Makes a new run of the same jobs.')
    .option('--failed', 'only of those that did not pass; the others are carried over')
    .addHelpText(
      'after',
      `
Examples:
  qgjob retry --run-id=run_4f1c --failed
  qgjob wait --run-id=$(qgjob retry --run-id=run_4f1c --failed --output id)`,
    )
    .action(bind(retry));
}

async function retry(cli: Cli, command: Command): Promise<void> {
  const { failed } = command.opts<{ failed?: boolean }>();
  const { kind, id } = subjectOf(command);
  const client = connect(cli);
  if (kind === 'job') {
    if (failed) throw new UserError('--failed is for a run.', exitCodes.usage, ['A job is run again as a whole.']);
    const { body } = await client.retryJob({ params: { id } });
    const text = `Submitted ${body.id} of ${body.run_id}: ${plainLine(body.test_path)}\nNext: qgjob wait --run-id=${body.run_id}`;
    cli.print({ json: body, id: body.run_id, text: () => text });
    return;
  }
  const { body } = await client.retryRun({ params: { id }, body: { only_failed: failed ?? false } });
  const carried = body.jobs.filter((job) => job.carried_from !== null).length;
  const jobs = `${body.jobs.length - carried} to run${carried > 0 ? `, ${carried} carried over` : ''}`;
  const text = `Submitted ${body.id}: ${jobs}  ${plainLine(body.url)}\nNext: qgjob wait --run-id=${body.id}`;
  cli.print({ json: body, id: body.id, text: () => text });
}
