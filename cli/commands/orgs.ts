import type { Command } from 'commander';
import { plainLine } from '../../client/plain-text.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

export function define(command: Command, bind: Bind): void {
  command.description('Creates and lists organisations.').addHelpText(
    'after',
    `
Examples:
  qgjob orgs create qualgent --name "QualGent"
  qgjob orgs list`,
  );
  command
    .command('create')
    .description("Creates an organisation; takes the operator's key.")
    .argument('<id>', 'letters, digits and . _ + -')
    .option('--name <name>', 'its name for people (default: the id)')
    .action(bind(create));
  command.command('list', { isDefault: true }).description('Lists organisations.').action(bind(list));
}

async function create(cli: Cli, command: Command): Promise<void> {
  const [id = ''] = command.args;
  const { name = id } = command.opts<{ name?: string }>();
  const { body } = await connect(cli).createOrg({ body: { id, name } });
  const next = `Next: qgjob keys create --org-id=${body.id} --role submit --name ci`;
  cli.print({ json: body, id: body.id, text: () => `Created ${body.id} (${plainLine(body.name)}).\n${next}` });
}

async function list(cli: Cli): Promise<void> {
  const { body } = await connect(cli).listOrgs({ query: { limit: 200 } });
  const rows = body.items.map((org) => [org.id, org.name, org.created_at]);
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: body,
    id: body.items.map((org) => org.id),
    text: () => renderTable(['org', 'name', 'created'], rows, { style, empty: 'No organisations.' }),
  });
}
