import type { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import type { Client } from '../../contract/client.ts';
import type { AgentCommand } from '../../contract/words.ts';
import type { Action, Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

export function define(command: Command, bind: Bind): void {
  command.description('Lists agents, and tells them what to do.').addHelpText(
    'after',
    `
Examples:
  qgjob agents list
  qgjob agents pause lab-2      no new work; what runs goes on
  qgjob agents resume lab-2
  qgjob agents drain lab-2      finish, then stop`,
  );
  command
    .command('list', { isDefault: true })
    .description('Lists agents, newest first.')
    .option('--org-id <id>', 'only those that serve this organisation')
    .action(bind(list));
  const orders = [
    ['pause', 'Lets an agent take no new work.', 'pause'],
    ['resume', 'Lets an agent take work again.', null],
    ['drain', 'Lets an agent finish what it has, and stop.', 'drain'],
  ] as const;
  for (const [name, description, order] of orders) {
    command
      .command(name)
      .argument('<agent>', 'id or name')
      .description(description)
      .action(bind(giving(order)));
  }
}

async function list(cli: Cli, command: Command): Promise<void> {
  const { orgId } = command.opts<{ orgId?: string }>();
  const { body } = await connect(cli).listAgents({ query: { org_id: orgId } });
  const rows = body.items.map((agent) => [
    agent.id,
    agent.name,
    agent.online ? 'online' : 'offline',
    agent.command,
    agent.devices_at_work === agent.devices ? agent.devices : `${agent.devices_at_work} of ${agent.devices} at work`,
    agent.labels.join(','),
    agent.last_heartbeat_at,
  ]);
  const header = ['agent', 'name', 'state', 'command', 'devices', 'labels', 'last heartbeat'];
  const style = styleFor(cli.io.stdout, cli.io.env);
  const empty = "No agent has registered. 'qgjob agent --help' tells how to start one.";
  cli.print({
    json: body,
    id: body.items.map((agent) => agent.id),
    text: () => renderTable(header, rows, { style, empty }),
  });
}

function giving(order: AgentCommand | null): Action {
  return async (cli, command) => {
    const client = connect(cli);
    const id = await agentId(client, command.args[0] ?? '');
    const { body } = await client.commandAgent({ params: { id }, body: { command: order } });
    const state =
      order === null ? 'takes work' : { pause: 'takes no new work', drain: 'finishes what it has, and stops' }[order];
    cli.print({ json: body, id: body.id, text: () => `${plainLine(body.name)} (${body.id}) ${state}.` });
  };
}

/** An agent's id, from its id or from a name that only one agent online has. */
async function agentId(client: Client, named: string): Promise<string> {
  if (named.startsWith('agt_')) return named;
  const { body } = await client.listAgents({ query: { limit: 200 } });
  const fitting = body.items.filter((agent) => agent.id === named || (agent.name === named && agent.online));
  const [agent] = fitting;
  if (agent && fitting.length === 1) return agent.id;
  const problem = agent ? `${fitting.length} agents are named '${named}'.` : `No agent '${named}' is online.`;
  throw new UserError(problem, exitCodes.usage, ["'qgjob agents list' shows their ids."]);
}
