import { type Command, Option } from 'commander';
import { readApp, uploadApp } from '../../client/app.ts';
import { formatBytes } from '../../client/bytes.ts';
import { exitCodes } from '../../client/exit-codes.ts';
import { orgOf } from '../../client/org.ts';
import { plainLine } from '../../client/plain-text.ts';
import { Platform } from '../../contract/words.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { createProgress } from '../render/progress.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

export function define(command: Command, bind: Bind): void {
  command.description('Uploads builds as app versions, and lists them.').addHelpText(
    'after',
    `
Examples:
  qgjob apps upload build/shop.apk --org-id=qualgent --app-version-id=xyz123
  qgjob apps upload shop-1.0.tgz --org-id=qualgent      known by its own bytes: sha256-…
  qgjob apps list --org-id=qualgent

An app version stands for the same bytes for good; other bytes under its id are refused.`,
  );
  command
    .command('upload')
    .description('Uploads a build, unless the server has its bytes, and binds an app version to it.')
    .argument('<file>', '.apk .aab .ipa .app.zip .tgz .tar.gz')
    .option('--org-id <id>', "the organisation (default: the key's own)")
    .option('--app-version-id <id>', "what to call it (default: from the file's SHA-256)")
    .addOption(new Option('--platform <platform>', 'where the name does not tell').choices(Platform.options))
    .action(bind(upload));
  command
    .command('list', { isDefault: true })
    .description('Lists app versions, newest first.')
    .option('--org-id <id>', "the organisation (default: the key's own)")
    .action(bind(list));
}

async function upload(cli: Cli, command: Command): Promise<number> {
  const flags = command.opts<{ orgId?: string; appVersionId?: string; platform?: Platform }>();
  const app = await readApp(command.args[0] ?? '', {
    cwd: cli.io.cwd,
    id: flags.appVersionId,
    platform: flags.platform,
  });
  const client = connect(cli);
  const orgId = await orgOf(client, flags.orgId);
  const progress = createProgress(cli.progress, cli.io.env);
  try {
    const { appVersion, sent } = await uploadApp(
      client,
      {
        connect: (fetching) => connect(cli, fetching),
        onProgress: (done, total) =>
          progress.task(`Uploading ${app.fileName}: ${Math.floor((100 * done) / total)} % of ${formatBytes(total)}`),
      },
      orgId,
      app,
    );
    progress.end();
    const how = sent ? 'uploaded' : 'known already';
    const text = `${appVersion.app_version_id} is ${plainLine(app.fileName)}, ${appVersion.platform}, ${formatBytes(app.bytes)}, ${how}\nsha256 ${app.sha256}`;
    cli.print({ json: appVersion, id: appVersion.app_version_id, text: () => text });
    return exitCodes.passed;
  } finally {
    progress.end();
  }
}

async function list(cli: Cli, command: Command): Promise<void> {
  const { orgId } = command.opts<{ orgId?: string }>();
  const { body } = await connect(cli).listAppVersions({ query: { org_id: orgId, limit: 100 } });
  const rows = body.items.map((version) => [
    version.app_version_id,
    version.org_id,
    version.platform,
    version.file_name,
    formatBytes(version.size_bytes),
    version.sha256.slice(0, 12),
    version.created_at,
  ]);
  const header = ['app version', 'org', 'platform', 'file', 'size', 'sha256', 'registered'];
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: body,
    id: body.items.map((version) => version.app_version_id),
    text: () => renderTable(header, rows, { style, empty: 'No app versions.' }),
  });
}
