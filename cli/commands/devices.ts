import type { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import { UserError } from '../../client/user-error.ts';
import type { DeviceResource } from '../../contract/agent.ts';
import type { Client } from '../../contract/client.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

export function define(command: Command, bind: Bind): void {
  command
    .description('Lists the devices of agents that are online, the app each one holds, and why some take no jobs.')
    .option('--org-id <id>', 'only those that serve this organisation')
    .option('--release <device>', 'lets a device take jobs again that was set aside')
    .addHelpText(
      'after',
      `
Examples:
  qgjob devices
  qgjob devices --release=emulator-5554

A device on which three different test files failed that then passed on other devices is set aside for half an hour, also when
its agent is started anew; never more than a third of the devices of a target and platform at a time.`,
    )
    .action(bind(devices));
}

async function devices(cli: Cli, command: Command): Promise<void> {
  const { orgId, release } = command.opts<{ orgId?: string; release?: string }>();
  const client = connect(cli);
  if (release !== undefined) await releaseDevices(client, release, orgId);
  const { body } = await client.listDevices({ query: { org_id: orgId } });
  const rows = body.items.map((device) => [
    device.id,
    device.agent,
    device.set_aside && works(device) ? 'set aside' : device.state,
    device.target,
    [device.platform, device.os_version].filter(Boolean).join(' '),
    device.model,
    device.labels.join(','),
    device.installed ? `${device.installed.app_version_id} of ${device.installed.org_id}` : null,
  ]);
  const header = ['device', 'agent', 'state', 'target', 'platform', 'model', 'labels', 'installed'];
  const reasons = body.items.flatMap(whyAtRest).map((reason) => plainLine(reason));
  const style = styleFor(cli.io.stdout, cli.io.env);
  const empty = "No agent is online. 'qgjob agent --help' tells how to start one.";
  cli.print({
    json: body,
    id: body.items.map((device) => device.id),
    text: () =>
      [renderTable(header, rows, { style, empty }), ...(reasons.length > 0 ? ['', ...reasons] : [])].join('\n'),
  });
}

function works({ state }: DeviceResource): boolean {
  return state === 'idle' || state === 'busy';
}

/** What keeps a device from work, a line each; nothing where it works. */
function whyAtRest(device: DeviceResource): string[] {
  const { id, state, state_reason, state_since, set_aside } = device;
  const minute = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    ...(works(device)
      ? []
      : [`${id}: ${state} since ${minute(state_since)}: ${state_reason ?? 'its agent does not say why.'}`]),
    ...(set_aside
      ? [`${id}: set aside since ${minute(set_aside.since)}, until ${minute(set_aside.until)}: ${set_aside.reason}`]
      : []),
  ];
}

/** An id may name devices beside several agents: all of them that are set aside. */
async function releaseDevices(client: Client, id: string, orgId: string | undefined): Promise<void> {
  const { body } = await client.listDevices({ query: { org_id: orgId } });
  const aside = body.items.filter((device) => device.id === id && device.set_aside !== null);
  if (aside.length === 0) {
    throw new UserError(`No device ${plainLine(id)} is set aside.`, exitCodes.usage, ["'qgjob devices' lists them."]);
  }
  for (const device of aside) await client.releaseDevice({ params: { id: device.agent_id, device_id: id } });
}
