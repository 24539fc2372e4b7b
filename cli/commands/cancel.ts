import type { Command } from 'commander';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { standing } from '../render/run.ts';
import { subjectOf, withSubject } from '../subject.ts';

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description('Cancels a run or a job: what waits is taken back, what runs is stopped.')
    .addHelpText(
      'after',
      `
Examples:
  qgjob cancel --run-id=run_4f1c
  qgjob list --status running --output id | xargs -n1 qgjob cancel --run-id`,
    )
    .action(bind(cancel));
}

async function cancel(cli: Cli, command: Command): Promise<void> {
  const { kind, id } = subjectOf(command);
  const client = connect(cli);
  const { body } =
    kind === 'run' ? await client.cancelRun({ params: { id } }) : await client.cancelJob({ params: { id } });
  const how = body.status === 'completed' ? standing(body) : 'is being stopped';
  cli.print({ json: body, id: body.id, text: () => `${body.id} ${how}.` });
}
