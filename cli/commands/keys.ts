import { type Command, Option } from 'commander';
import { parseDuration } from '../../client/duration.ts';
import { orgOf } from '../../client/org.ts';
import { KeyRole } from '../../contract/words.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { flagValue } from '../flag-value.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { required } from '../required.ts';

const orgFlag = ['--org-id <id>', "the organisation (default: the key's own)"] as const;

export function define(command: Command, bind: Bind): void {
  command.description('Creates, lists and revokes API keys.').addHelpText(
    'after',
    `
Examples:
  qgjob keys create --org-id=qualgent --role submit --name ci
  qgjob keys create --org-id=qualgent --role agent --name lab --shared
  qgjob keys list --org-id=qualgent
  qgjob keys revoke key_4f1c --org-id=qualgent

Roles: admin may do what submit may, submit what read may; agent is for agents alone.`,
  );
  command
    .command('create')
    .description('Creates a key. It is shown this once.')
    .option(...orgFlag)
    .addOption(new Option('--role <role>', 'what it may do').choices(KeyRole.options))
    .option('--name <name>', 'what it is for')
    .option('--expires-in <duration>', 'how long it is good for: 1h, 90d', flagValue(parseDuration))
    .option('--shared', "an agent's key that serves every organisation")
    .action(bind(create));
  command
    .command('list', { isDefault: true })
    .description('Lists keys, without the keys themselves.')
    .option(...orgFlag)
    .option('--sessions', "the session tokens of GitHub workflows instead, which 'qgjob trust' lets in")
    .action(bind(list));
  command
    .command('revoke')
    .description('Revokes a key: within 5 s nothing is answered to it.')
    .argument('<key-id>')
    .option(...orgFlag)
    .action(bind(revoke));
}

async function create(cli: Cli, command: Command): Promise<void> {
  const flags = command.opts<{ orgId?: string; role?: KeyRole; name?: string; expiresIn?: number; shared?: boolean }>();
  const client = connect(cli);
  const body = {
    role: required(flags.role, '--role', '--role submit'),
    name: required(flags.name, '--name', '--name ci'),
    ...(flags.expiresIn ? { expires_at: new Date(Date.now() + flags.expiresIn * 1000).toISOString() } : {}),
    ...(flags.shared ? { shared: true } : {}),
  };
  const { body: created } = await client.createKey({ params: { org: await orgOf(client, flags.orgId) }, body });
  cli.note(`Created ${created.id} (${created.role}). The key is shown this once:`);
  cli.print({ json: created, id: created.id, text: () => created.key });
}

async function list(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const flags = command.opts<{ orgId?: string; sessions?: boolean }>();
  const org = await orgOf(client, flags.orgId);
  const { body } = await client.listKeys({ params: { org }, query: flags.sessions ? { sessions: 'only' } : {} });
  const rows = body.items.map((key) => [
    key.id,
    key.role + (key.shared ? ' (shared)' : ''),
    key.name,
    key.created_at,
    key.expires_at ?? 'never',
    key.last_used_at ?? 'never',
  ]);
  const header = ['key', 'role', 'name', 'created', 'expires', 'last used'];
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: body,
    id: body.items.map((key) => key.id),
    text: () => renderTable(header, rows, { style, empty: 'No keys.' }),
  });
}

async function revoke(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const [id = ''] = command.args;
  const org = await orgOf(client, command.opts<{ orgId?: string }>().orgId);
  await client.revokeKey({ params: { org, key_id: id } });
  cli.print({ json: { id, revoked: true }, id, text: () => `Revoked ${id}.` });
}
