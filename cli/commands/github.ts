import type { Command } from 'commander';
import { defined } from '../../client/defined.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { plainLine } from '../../client/plain-text.ts';
import type { GithubStatus } from '../../contract/github.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { findingChecks } from '../github-checks.ts';
import { renderCheck } from '../render/check.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { required } from '../required.ts';

const hostFlag = ['--host <host>', 'which GitHub: github.com, SUBDOMAIN.ghe.com, or the name of your own'] as const;

export function define(command: Command, bind: Bind): void {
  command
    .description("Shows the server's GitHub App, and what is missing for it to work. Needs the operator's key.")
    .addHelpText(
      'after',
      `
Examples:
  qgjob github                                       the Apps, and what to do next
  qgjob github status --repository=acme/shop         is it installed there?
  qgjob github reset --host=github.com               let /github/setup replace the App within the hour
  qgjob github reset --host=github.com --remove      forget the App and its keys now

An App is registered in a browser, at /github/setup of the server. docs/github-app.md tells the whole way.`,
    );
  command
    .command('status', { isDefault: true })
    .description('Shows the Apps and asks GitHub whether all is well.')
    .option('--repository <owner/name>', 'also whether it is installed there')
    .action(bind(status));
  command
    .command('reset')
    .description("Lets a registration replace a host's App within the hour; until then it works on.")
    .option(...hostFlag)
    .option('--remove', 'forget the App and its keys at once instead; on GitHub it stays')
    .action(bind(reset));
}

async function status(cli: Cli, command: Command): Promise<number> {
  const { repository } = command.opts<{ repository?: string }>();
  const { body } = await connect(cli).describeGithub({ query: defined({ repository }) });
  const checks = findingChecks(body.findings);
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: body,
    id: body.apps.map(({ host }) => host),
    text: () => [renderApps(body.apps, style), ...checks.map((check) => renderCheck(check, style))].join('\n'),
  });
  return checks.every(({ ok }) => ok) ? exitCodes.passed : exitCodes.usage;
}

async function reset(cli: Cli, command: Command): Promise<void> {
  const flags = command.opts<{ host?: string; remove?: boolean }>();
  const host = required(flags.host, '--host', '--host=github.com');
  const client = connect(cli);
  if (flags.remove) {
    await client.removeGithubApp({ params: { host } });
    const text = () =>
      `Forgot the App of ${plainLine(host)}. Delete it on GitHub as well, or it goes on sending webhooks that are refused.`;
    cli.print({ json: { host, removed: true }, id: host, text });
    return;
  }
  const { body } = await client.reopenGithubApp({ params: { host } });
  const text = () =>
    `Until ${body.reopened_until} the App of ${plainLine(host)} may be replaced: ${cli.settings.serverUrl}/github/setup`;
  cli.print({ json: body, id: host, text });
}

function renderApps(apps: GithubStatus['apps'], style: ReturnType<typeof styleFor>): string {
  const rows = apps.map(({ host, slug, app_id, from, install_url }) => [host, slug, app_id, from, install_url]);
  return renderTable(['github', 'app', 'id', 'from', 'install it'], rows, { style, empty: 'No GitHub App.' });
}
