import type { Command } from 'commander';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { standing } from '../render/run.ts';
import { runIdOf, subjectOf, withSubject } from '../subject.ts';

export function define(command: Command, bind: Bind): void {
  withSubject(command)
    .description(
      "Lets a fork's commit be tested: releases every run that waits for its approval. Needs an admin's key.",
    )
    .addHelpText(
      'after',
      `
Where the GitHub App is installed, a maintainer's comment /qgjob run on the pull request does the same.

Examples:
  qgjob approve --run-id=run_4f1c`,
    )
    .action(bind(approve));
}

async function approve(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const { body } = await client.approveRun({ params: { id: await runIdOf(client, subjectOf(command)) } });
  cli.print({ json: body, id: body.id, text: () => `${body.id} ${standing(body)}.` });
}
