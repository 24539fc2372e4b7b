import type { Command } from 'commander';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

export function define(command: Command, bind: Bind): void {
  command
    .description('Lists the devices of agents that are online, and the app each one holds.')
    .option('--org-id <id>', 'only those that serve this organisation')
    .addHelpText('after', '\nExample:\n  qgjob devices')
    .action(bind(devices));
}

async function devices(cli: Cli, command: Command): Promise<void> {
  const { orgId } = command.opts<{ orgId?: string }>();
  const { body } = await connect(cli).listDevices({ query: { org_id: orgId } });
  const rows = body.items.map((device) => [
    device.id,
    device.agent,
    device.state,
    device.target,
    [device.platform, device.os_version].filter(Boolean).join(' '),
    device.model,
    device.labels.join(','),
    device.installed ? `${device.installed.app_version_id} of ${device.installed.org_id}` : null,
  ]);
  const header = ['device', 'agent', 'state', 'target', 'platform', 'model', 'labels', 'installed'];
  const style = styleFor(cli.io.stdout, cli.io.env);
  const empty = "No agent is online. 'qgjob agent --help' tells how to start one.";
  cli.print({
    json: body,
    id: body.items.map((device) => device.id),
    text: () => renderTable(header, rows, { style, empty }),
  });
}
