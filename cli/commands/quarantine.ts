import type { Command } from 'commander';
import { orgOf } from '../../client/org.ts';
import { plainLine } from '../../client/plain-text.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

const orgFlag = ['--org-id <id>', "the organisation (default: the key's own)"] as const;

export function define(command: Command, bind: Bind): void {
  command.description('Shows and ends quarantines: tests whose failures do not count for a while.').addHelpText(
    'after',
    `
Examples:
  qgjob quarantine list --org-id=qualgent
  qgjob quarantine remove qtn_4f1c --org-id=qualgent

A quarantine is made on GitHub, by the button under a check run in which the tests failed, and lasts two weeks. The tests run and
are reported as before; a job of which nothing else failed passes.`,
  );
  command
    .command('list', { isDefault: true })
    .description('Lists quarantines, soonest to end first.')
    .option(...orgFlag)
    .action(bind(list));
  command
    .command('remove')
    .description('Ends a quarantine: failures of the test count again.')
    .argument('<quarantine-id>')
    .option(...orgFlag)
    .action(bind(remove));
}

async function list(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const org = await orgOf(client, command.opts<{ orgId?: string }>().orgId);
  const { body } = await client.listQuarantines({ params: { org } });
  const rows = body.items.map(({ id, test_path, title_path, until, by }) => [
    id,
    plainLine(test_path),
    plainLine(title_path.join(' > ')),
    until.slice(0, 10),
    plainLine(by),
  ]);
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: body,
    id: body.items.map(({ id }) => id),
    text: () =>
      renderTable(['quarantine', 'file', 'test', 'until', 'by'], rows, { style, empty: 'No test is quarantined.' }),
  });
}

async function remove(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const [id = ''] = command.args;
  const org = await orgOf(client, command.opts<{ orgId?: string }>().orgId);
  await client.removeQuarantine({ params: { org, quarantine_id: id } });
  cli.print({ json: { id, removed: true }, id, text: () => `Removed ${plainLine(id)}: its failures count again.` });
}
